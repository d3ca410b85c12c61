import { readFile } from 'node:fs/promises'
import { EzoneError, type GlobalStatus } from '@ezone/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followSwitch } from '../../testbed/failover/follow-switch.ts'
import { moveGlobal } from '../../testbed/gzs/global-move.ts'
import { globalOfSwitch } from '../../testbed/gzs/global-of-switch.ts'
import { GzsClient } from '../../testbed/gzs/gzs-client.ts'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'
import { type Registered, Registrars } from '../../testbed/testing/registrars.ts'
import { pretendReplication } from '../../testbed/testing/shard-moves.ts'

let platform: PlatformGround
let gzs: GzsClient
let registrars: Registrars
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 50, sh: 51, edge: 52 }, { links: true, topology: { policy: 'strict' } })
  await platform.startAll(['gzs', 'lease-keeper'])
  gzs = new GzsClient(['edge', 'bj', 'sh'].map((place) => platform.addressOf(place, 'gzs')))
  registrars = await Registrars.make(platform)
})
afterAll(async () => {
  await registrars?.[Symbol.asyncDispose]()
  await platform?.[Symbol.asyncDispose]()
})

const signal = () => AbortSignal.timeout(120_000)
const status = () => gzs.globalStatus(signal())
const covered = () => expect.poll(async () => (await status()).zone.covered, { timeout: 60_000 }).toBe(true)
const ackOf = async (zone: string): Promise<GlobalStatus['acks'][string] | undefined> => (await status()).acks[zone]
const move = (to: string, mode: 'planned' | 'hard', acceptLoss = false) =>
  moveGlobal({ gzs, request: { to, mode, acceptLoss, who: 'ann@laptop', why: 'a test' }, signal: signal() })
const registered = (zone: string, phone: string) =>
  registrars.register(zone, phone).then(
    () => 'ok',
    (error: unknown) => (EzoneError.is(error) ? error.code : String(error)),
  )

/** Registrations go on until so many more were acknowledged in a zone. */
const goOn = (of: Registered | undefined, more = 20) => {
  const wanted = (of?.ok.length ?? 0) + more
  return expect.poll(() => of?.ok.length ?? 0, { timeout: 60_000 }).toBeGreaterThan(wanted)
}

/** Every acknowledged phone stands there once, no refused one does. */
async function holds(zone: string, by: Record<string, Registered>): Promise<void> {
  const there = await registrars.phonesIn(zone)
  const all = Object.values(by)
  expect(all.flatMap(({ ok }) => ok).filter((phone) => there.get(phone) !== 1)).toEqual([])
  expect(all.flatMap(({ failed }) => failed).filter(({ phone }) => there.has(phone))).toEqual([])
}

describe('the master of the Global Zone', () => {
  it('moves as planned while phones are registered in both zones: none is lost, doubled or refused', async () => {
    await covered()
    const going = registrars.start()
    await goOn(going.by.sh)
    const moved = await move('sh', 'planned')
    await goOn(going.by.bj)
    await going[Symbol.asyncDispose]()
    expect(moved.steps.map(({ name }) => name)).toEqual(['freeze', 'drain', 'commit', 'moved'])
    expect(moved).toMatchObject({ from: 'bj', to: 'sh', epoch: 3 })
    const trouble = Object.values(going.by).flatMap(({ failed, unknown }) => [...failed, ...unknown])
    expect(trouble).toEqual([])
    await holds('sh', going.by)
    await expect
      .poll(
        () =>
          holds('bj', going.by).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true)
  })

  it('is told where it is already, and refuses what cannot be', async () => {
    expect(await move('sh', 'planned')).toMatchObject({ id: null, to: 'sh' })
    await expect(move('gz', 'hard')).rejects.toMatchObject({ code: 'EZ_UNKNOWN_ZONE' })
  })

  it('that is killed with its zone is replaced from the other one: what it acknowledged is there, registrations go on', async () => {
    await covered()
    const going = registrars.start()
    await goOn(going.by.bj)
    await Promise.all([platform.stopStore('sh/mysql-global', 'kill'), platform.program('sh', 'lease-keeper').kill()])
    const moved = await move('bj', 'hard')
    await goOn(going.by.bj)
    await going[Symbol.asyncDispose]()
    expect(moved).toMatchObject({ from: 'sh', to: 'bj', covered: true })
    await holds('bj', going.by)
  })

  it('that comes back takes no writes, and follows only after what it alone had is put aside and named', async () => {
    await platform.startStores('sh/mysql-global')
    const [row] = await platform.query('sh', 'SELECT @@GLOBAL.super_read_only AS refuses', 'mysql-global')
    expect(Number(row?.refuses)).toBe(1)
    // As if it had let a commit go that nobody else ever received.
    for (const sql of ['SET GLOBAL read_only = OFF', "INSERT INTO people.users VALUES (666666, 'stray')"])
      await platform.query('sh', sql, 'mysql-global')
    expect(await registered('bj', 'stray')).toBe('ok')
    await platform.start('sh', 'lease-keeper')
    await expect.poll(async () => (await ackOf('sh'))?.following, { timeout: 60_000 }).toBe(true)
    const aside = (await ackOf('sh'))?.keptAside
    const [server] = await platform.query('sh', 'SELECT @@server_uuid AS uuid', 'mysql-global')
    expect(aside).toMatchObject({ gtids: expect.stringContaining(String(server?.uuid)) })
    expect(await readFile(aside?.file ?? '', 'utf8')).toContain('{"user_id":"666666","phone":"stray"}')
    const count = async (zone: string) => (await registrars.phonesIn(zone)).size
    await expect.poll(() => count('sh'), { timeout: 20_000 }).toBe(await count('bj'))
    const [kept] = await platform.query('sh', "SELECT user_id FROM people.users WHERE phone = 'stray'", 'mysql-global')
    expect(kept?.user_id).not.toBe('666666')
    await covered()
  })

  it('goes on alone when the other zone is cut off, and then is not left under `strict` unless the loss is accepted', async () => {
    const link = platform.link('bj-sh')
    await link.cut({ id: 'alone', direction: null }, signal())
    await expect.poll(async () => (await status()).zone.covered, { timeout: 20_000 }).toBe(false)
    expect(await registered('bj', 'alone')).toBe('ok')
    await expect(move('sh', 'planned')).rejects.toMatchObject({ code: 'EZ_GLOBAL_BEHIND' })
    await expect(move('sh', 'hard')).rejects.toMatchObject({ code: 'EZ_GLOBAL_BEHIND' })

    expect(await move('sh', 'hard', true)).toMatchObject({ covered: false, to: 'sh' })
    expect(await registered('bj', 'nobody')).toBe('EZ_GLOBAL_UNREACHABLE')
    expect(await registered('sh', 'alone')).toBe('ok')
    await link.join('alone', signal())
    await expect.poll(async () => (await ackOf('bj'))?.following, { timeout: 60_000 }).toBe(true)
    expect(await readFile((await ackOf('bj'))?.keptAside?.file ?? '', 'utf8')).toContain('"phone":"alone"')
    await covered()
  })

  it('goes along when its zone is left with all its shards, and stays where only some of them go', async () => {
    await using _ = pretendReplication(platform)
    const request = { from: 'sh', to: 'bj', mode: 'planned', canary: false, who: 'ann', why: 'sh is left' } as const
    const left = async (shards: number[]) => {
      const followed = await followSwitch({ gzs, request: { ...request, shards }, signal: signal() })
      expect(followed.outcome).toBe('switched')
      return globalOfSwitch({ ...request, gzs, id: followed.id, signal: signal() })
    }
    const mine = (await gzs.table(signal())).shards.filter(({ zone }) => zone === 'sh')
    const last = mine.map(({ shard }) => shard).slice(0, -1)
    await followSwitch({ gzs, request: { ...request, shards: last }, signal: signal() })
    expect((await status()).zone).toMatchObject({ master: 'sh', state: 'ACTIVE' })
    expect(await left([])).toMatchObject({ outcome: 'moved', covered: true, reason: null })
    expect((await status()).zone).toMatchObject({
      master: 'bj',
      move: { id: expect.stringMatching(/^switch-\d+\.global$/) },
    })
  })

  it('that is cut off from both others acknowledges nothing more, is replaced, and hands over what it alone has', async () => {
    await covered()
    const going = registrars.start()
    await goOn(going.by.bj)
    const links = ['edge-bj', 'bj-sh'].map((name) => platform.link(name))
    await Promise.all(links.map((link) => link.cut({ id: 'off', direction: null }, signal())))
    const acknowledged = going.by.bj?.ok.length ?? 0
    expect(await move('sh', 'hard')).toMatchObject({ covered: true, to: 'sh' })
    await goOn(going.by.sh)
    // One may have been on its way to us as the links were cut.
    expect(going.by.bj?.ok.length).toBeLessThanOrEqual(acknowledged + 1)
    await Promise.all(links.map((link) => link.join('off', signal())))
    await goOn(going.by.bj)
    await expect.poll(async () => (await ackOf('bj'))?.following, { timeout: 90_000 }).toBe(true)
    await going[Symbol.asyncDispose]()
    await holds('sh', going.by)
    const same = async () => [...(await registrars.phonesIn('bj')).keys()].sort()
    const wanted = [...(await registrars.phonesIn('sh')).keys()].sort()
    await expect.poll(() => same().catch(() => []), { timeout: 60_000 }).toEqual(wanted)
  })
})

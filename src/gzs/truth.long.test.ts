import { setTimeout as sleep } from 'node:timers/promises'
import { type Subscriber, systemClock, type TableMessage, tableMessageSchema } from '@ezone/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'
import { pretendArrived, pretendReplication, ShardMoves } from '../../testbed/testing/shard-moves.ts'

const places = ['edge', 'bj', 'sh']
let platform: PlatformGround
let moves: ShardMoves
const signal = AbortSignal.timeout(600_000)
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 50, sh: 51, edge: 52 })
  await platform.startAll(['gzs', 'lease-keeper'])
  moves = new ShardMoves(platform, 'edge')
})
afterAll(() => platform?.[Symbol.asyncDispose]())

const at = (place: string) => new ShardMoves(platform, place)
const url = (place: string) => platform.program(place, 'gzs').url
const member = (place: string) => `${place}/zookeeper-global`
const other = (zone: string) => (zone === 'bj' ? 'sh' : 'bj')
const ended = async (shard: number) => (await moves.end(shard)).outcome

/** Follows a GZS; what it says, as it comes. */
async function* follow(place: string, name: string, left: AbortSignal): AsyncGenerator<TableMessage> {
  const response = await fetch(`${url(place)}/subscribe?name=${name}&kind=test&place=${place}`, { signal: left })
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) yield tableMessageSchema.parse(JSON.parse(line))
  }
}

describe('the truth', () => {
  it('is made from the ground once, whoever comes first, and is the same everywhere', async () => {
    const tables = await Promise.all(places.map((place) => at(place).gzs.table(signal)))
    expect(new Set(tables.map((t) => JSON.stringify(t))).size).toBe(1)
    expect(tables[0]).toMatchObject({ version: 1 })
    expect(await at('sh').gzs.history(signal)).toMatchObject([{ version: 1, who: 'gzs', changes: [] }])
  })

  it('is in the fence rows of every zone', async () => {
    for (const zone of ['bj', 'sh']) {
      const rows = await platform.query(zone, 'SELECT shard, zone, epoch, state FROM ezone.fence ORDER BY shard')
      expect(rows).toHaveLength(31)
      expect(rows.find((row) => row.shard === 31)).toMatchObject({ zone: 'sh', state: 'ACTIVE', epoch: '1' })
    }
  })
})

describe('a planned move', () => {
  it('freezes, waits until the target has all, and is served there; who and why is kept', async () => {
    expect(await moves.begin({ shard: 31, to: 'bj', who: 'ann', why: 'sh is full' })).toMatchObject({ joined: false })
    await expect.poll(async () => (await at('sh').shard(31)).state, { timeout: 5_000 }).toBe('DRAINING')
    await sleep(300)
    expect((await moves.shard(31)).state).toBe('DRAINING')
    await pretendArrived(platform, 'sh', 'bj')
    expect(await ended(31)).toBe('moved')
    expect(await moves.shard(31)).toEqual({ shard: 31, name: 'Shanghai', zone: 'bj', state: 'ACTIVE', epoch: 4 })
    expect((await moves.state(31)).steps.map(({ step }) => step)).toEqual(['freeze', 'drain', 'commit', 'moved'])
    const [commit] = await moves.gzs.history(signal)
    expect(commit).toMatchObject({
      version: 4,
      who: 'ann',
      why: 'commit: sh is full',
      changes: [{ shard: 31, before: { zone: 'sh', state: 'DRAINING', epoch: 2 }, after: { zone: 'bj', epoch: 4 } }],
    })
  })

  it('to where the shard is already does nothing', async () => {
    expect(await moves.begin({ shard: 31, to: 'bj' })).toEqual({ id: null, shard: 31, joined: false })
  })

  it('thaws by itself when it cannot end in time, under a newer epoch', async () => {
    const before = await moves.shard(31)
    await moves.begin({ shard: 31, to: 'sh' })
    expect(await moves.end(31)).toMatchObject({ outcome: 'rolled-back', reason: expect.stringContaining('sh has not') })
    expect(await moves.shard(31)).toMatchObject({ zone: 'bj', state: 'ACTIVE' })
    expect((await moves.shard(31)).epoch).toBeGreaterThan(before.epoch)
  })

  it('of which two begin at once is one: the same joins, another one is refused', async () => {
    await using _ = pretendReplication(platform)
    const begun = await Promise.allSettled([
      ...places.map((place) => at(place).begin({ shard: 31, to: 'sh' })),
      ...places.map((place) => at(place).begin({ shard: 31, to: 'sh', mode: 'takeover' })),
    ])
    const ids = begun.flatMap((b) => (b.status === 'fulfilled' && b.value.id !== null ? [b.value.id] : []))
    const refusals = begun.flatMap((b) => (b.status === 'rejected' ? [b.reason.code] : []))
    expect(new Set(ids).size).toBe(1)
    expect(new Set(refusals).difference(new Set(['EZ_MOVE_RUNNING']))).toEqual(new Set())
    expect(await ended(31)).toBe('moved')
    const { steps, mode } = await moves.state(31)
    expect(steps).toHaveLength(mode === 'planned' ? 4 : 3)
  })

  it.each([
    [{ shard: 99, to: 'bj' }, 'EZ_UNKNOWN_SHARD'],
    [{ shard: 31, to: 'gz' }, 'EZ_UNKNOWN_ZONE'],
    [{ shard: 31, to: 'bj', why: '' }, 'EZ_BAD_REQUEST'],
  ])('%j is refused with %s', async (request, code) => {
    await expect(moves.begin(request)).rejects.toMatchObject({ code })
  })

  it('freezes nothing for a zone whose lease-keeper is silent', async () => {
    const { zone, epoch } = await moves.shard(31)
    await platform.program(other(zone), 'lease-keeper').kill()
    const refused = () =>
      moves.begin({ shard: 31, to: other(zone) }).then(
        async () => `${await ended(31)}`,
        (error: { code: string }) => error.code,
      )
    await expect.poll(refused, { timeout: 40_000, interval: 1_000 }).toBe('EZ_ZONE_UNREACHABLE')
    expect((await moves.shard(31)).zone).toBe(zone)
    expect((await moves.shard(31)).epoch).toBeGreaterThanOrEqual(epoch)
    await platform.start(other(zone), 'lease-keeper')
  })
})

describe('a subscriber', () => {
  it('is told what changes and of nothing else, hears a ping each second, and is seen at every GZS', async () => {
    await using _ = pretendReplication(platform)
    const left = new AbortController()
    const heard: TableMessage[] = []
    const reading = (async () => {
      for await (const message of follow('bj', 't1', left.signal)) heard.push(message)
    })().catch(() => {})
    await expect.poll(() => heard.map((m) => m.type), { timeout: 5_000 }).toEqual(['snapshot', 'ping', 'ping'])
    const { zone } = await moves.shard(31)
    await moves.begin({ shard: 31, to: other(zone) })
    await ended(31)
    const deltas = heard.filter((m) => m.type === 'delta')
    expect(deltas.at(-1)).toMatchObject({ shards: [{ shard: 31, zone: other(zone), state: 'ACTIVE' }] })
    for (const delta of deltas) expect(delta.shards).toHaveLength(1)

    const version = deltas.at(-1)?.version ?? 0
    const ack = { name: 't1', kind: 'test', place: 'bj', version }
    await fetch(`${url('bj')}/acks`, { method: 'POST', body: JSON.stringify(ack) })
    const seen = async () => (await at('sh').gzs.subscribers(signal)).subscribers.find((s) => s.name === 't1')
    expect(await seen()).toMatchObject({ version, connected: true, gzs: 'bj' } satisfies Partial<Subscriber>)
    left.abort()
    await reading
    await expect.poll(async () => (await seen())?.connected).toBe(false)
  })

  it('sees a change within 300 ms, whichever GZS it is with (p99)', async () => {
    await using _ = pretendReplication(platform)
    const left = new AbortController()
    const heard = places.map((place) => {
      const seen: { version: number; atMs: number }[] = []
      const reading = (async () => {
        for await (const message of follow(place, `lag-${place}`, left.signal))
          if (message.type === 'delta') seen.push({ version: message.version, atMs: systemClock.nowMs() })
      })().catch(() => {})
      return { seen, reading }
    })
    const { version: first } = await moves.gzs.table(signal)
    for (let n = 0; n < 10; n++) {
      await moves.begin({ shard: 31, to: other((await moves.shard(31)).zone) })
      expect(await ended(31)).toBe('moved')
    }
    const changes = (await moves.gzs.history(signal)).filter(({ version }) => version > first)
    left.abort()
    await Promise.all(heard.map(({ reading }) => reading))
    // Who takes two changes at once has seen both.
    const lagMs = heard.flatMap(({ seen }) =>
      changes.map(({ version, atMs }) => (seen.find((s) => s.version >= version)?.atMs ?? Infinity) - atMs),
    )
    expect(lagMs).toHaveLength(90)
    expect(lagMs.toSorted((a, b) => a - b)[88]).toBeLessThan(300)
  })
})

describe('without the ensemble', () => {
  it('GZS serves what it has, also after a restart, and moves nothing', async () => {
    const table = await moves.gzs.table(signal)
    await Promise.all(['bj', 'sh'].map((place) => platform.stopStore(member(place), 'kill')))
    await expect(moves.begin({ shard: 31, to: other((await moves.shard(31)).zone) })).rejects.toMatchObject({
      code: 'EZ_NO_MAJORITY',
    })
    await platform.program('edge', 'gzs').kill()
    await platform.start('edge', 'gzs')
    expect(await moves.gzs.table(signal)).toEqual(table)
    await expect(moves.state(31)).rejects.toMatchObject({ code: 'EZ_NO_MAJORITY' })
  })

  it('and with it again, everything goes on', async () => {
    await using _ = pretendReplication(platform)
    await platform.startStores(...['bj', 'sh'].map(member))
    const { zone } = await moves.shard(31)
    const begin = () =>
      moves.begin({ shard: 31, to: other(zone) }).then(
        () => 'begun',
        (error: { code: string }) => error.code,
      )
    await expect.poll(begin, { timeout: 30_000 }).toBe('begun')
    expect(await ended(31)).toBe('moved')
  })
})

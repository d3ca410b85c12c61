import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError, fenceLimits, systemClock } from '@ezone/sdk'
import { ZoneDatabase } from '@ezone/sdk/dal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'
import { pretendReplication, ShardMoves } from '../../testbed/testing/shard-moves.ts'

const linksOfSh = ['bj-sh', 'edge-sh']
let platform: PlatformGround
let moves: ShardMoves
let db: ZoneDatabase
let id = 0

async function make(policy: 'strict' | 'available'): Promise<void> {
  platform = await PlatformGround.make({ bj: 50, sh: 51, edge: 52 }, { links: true, topology: { policy } })
  await platform.startAll(['gzs', 'lease-keeper'])
  moves = new ShardMoves(platform, 'edge')
  const address = platform.mysql('sh').ports[0]?.host ?? expect.fail('no door')
  const mysql = { ...address, ...platform.ground.credentials.mysql.app }
  db = ZoneDatabase.open({ mysql, zone: 'sh', clock: systemClock })
  await db.migrate('test', [
    [
      'CREATE DATABASE test',
      'CREATE TABLE test.writes (id INT PRIMARY KEY, shard SMALLINT NOT NULL, epoch BIGINT NOT NULL)',
    ],
  ])
}
async function end(): Promise<void> {
  await db?.[Symbol.asyncDispose]()
  await platform?.[Symbol.asyncDispose]()
}

/** What becomes of a write in sh under the first epoch: `done`, or its code. */
async function write(): Promise<string> {
  try {
    await db.insert({ shard: 31, epoch: 1 }, 'test.writes', { id: id++ })
    return 'done'
  } catch (error) {
    return EzoneError.is(error) ? error.code : String(error)
  }
}
const signal = () => AbortSignal.timeout(30_000)
const cut = () =>
  Promise.all(linksOfSh.map((name) => platform.link(name).cut({ id: 'alone', direction: null }, signal())))
const join = () => Promise.all(linksOfSh.map((name) => platform.link(name).join('alone', signal())))
const ownerSeenIn = async (zone: string) => {
  const [row] = await platform.query(
    zone,
    'SELECT zone, state, taken_epoch > 0 AS taken FROM ezone.fence WHERE shard = 31',
  )
  return `${row?.state} ${row?.zone}${Number(row?.taken) === 1 ? ' taken' : ''}`
}
const nowMs = () => systemClock.monotonicMs()

describe('a zone that is cut off from the majority, under policy strict', () => {
  let cutAtMs: number
  beforeAll(() => make('strict'))
  afterAll(end)

  it('writes while it has one, for longer than a lease, though every GZS was killed', async () => {
    const places = ['edge', ...platform.zones]
    await Promise.all(places.map((place) => platform.program(place, 'gzs').kill()))
    const endMs = nowMs() + fenceLimits.leaseMs + 2_000
    while (nowMs() < endMs) {
      expect(await write()).toBe('done')
      await sleep(200)
    }
    await Promise.all(places.map((place) => platform.start(place, 'gzs')))
  })

  it('keeps its lease while shards drain towards it for longer than one lasts', async () => {
    const { shards } = await moves.gzs.table(moves.signal)
    const [first, second] = shards.filter(({ zone }) => zone === 'bj').map(({ shard }) => shard)
    const endMs = nowMs() + fenceLimits.leaseMs + 2_000
    // Nothing is replicated here, so neither ever ends to drain; the second is begun before the first is given up.
    await moves.begin({ shard: first ?? 0, to: 'sh' })
    const later = sleep(5_000).then(() => moves.begin({ shard: second ?? 0, to: 'sh' }))
    while (nowMs() < endMs) {
      expect(await write()).toBe('done')
      await sleep(100)
    }
    await later
    for (const shard of [first, second]) expect(await moves.end(shard ?? 0)).toMatchObject({ outcome: 'rolled-back' })
  })

  it('refuses writes as soon as its lease is over, and no sooner than it must', async () => {
    await cut()
    cutAtMs = nowMs()
    expect(await write()).toBe('done')
    let last = cutAtMs
    for (let said = 'done'; said === 'done'; said = await write()) {
      last = nowMs()
      expect(last - cutAtMs).toBeLessThan(fenceLimits.leaseMs + fenceLimits.driftMsMax)
      await sleep(50)
    }
    expect(await write()).toBe('EZ_LEASE_EXPIRED')
    expect(last - cutAtMs).toBeGreaterThan(fenceLimits.leaseMs - 2 * fenceLimits.leaseExtendMs)
  })

  it('is replaced only when no write of it can come any more', async () => {
    await moves.begin({ shard: 31, to: 'bj', mode: 'takeover' })
    expect(await moves.end(31, 60_000)).toMatchObject({ outcome: 'moved' })
    const { leaseMs, leaseExtendMs, driftMsMax, lateWriteMs } = fenceLimits
    // The last extension was made before the cut, but may have been on its way then: as late as a request may be.
    expect(nowMs() - cutAtMs).toBeGreaterThan(leaseMs - 2 * leaseExtendMs + driftMsMax + lateWriteMs)
    expect(await ownerSeenIn('bj')).toBe('ACTIVE bj taken')
    expect(await write()).toBe('EZ_LEASE_EXPIRED')
  })

  it('learns after the heal that the shard is not its own any more', async () => {
    await join()
    await expect.poll(() => ownerSeenIn('sh'), { timeout: 20_000 }).toBe('ACTIVE bj taken')
    expect(await write()).toBe('EZ_STALE_EPOCH')
  })
})

describe('a zone that is cut off from the majority, under policy available', () => {
  beforeAll(() => make('available'))
  afterAll(end)

  it('goes on for longer than a lease would last, also while another zone has taken its shard', async () => {
    await cut()
    const cutAtMs = nowMs()
    await sleep(1_000)
    await moves.begin({ shard: 31, to: 'bj', mode: 'takeover' })
    expect(await moves.end(31)).toMatchObject({ outcome: 'moved' })
    expect(nowMs() - cutAtMs).toBeLessThan(fenceLimits.leaseMs)
    while (nowMs() - cutAtMs < fenceLimits.leaseMs + fenceLimits.driftMsMax + 1_000) {
      expect(await write()).toBe('done')
      await sleep(200)
    }
    expect([await ownerSeenIn('bj'), await ownerSeenIn('sh')]).toEqual(['ACTIVE bj taken', 'ACTIVE sh'])
  })

  it('learns after the heal that the shard is not its own any more', async () => {
    await join()
    await expect.poll(() => ownerSeenIn('sh'), { timeout: 20_000 }).toBe('ACTIVE bj taken')
    expect(await write()).toBe('EZ_STALE_EPOCH')
  })

  it('gets it back by a planned move when its new owner has all that it wrote, and not before', async () => {
    const back = { shard: 31, to: 'sh' }
    await expect(moves.begin(back)).rejects.toMatchObject({ code: 'EZ_NOT_SETTLED' })
    await using _ = pretendReplication(platform)
    await expect
      .poll(
        () =>
          moves.begin(back).then(
            () => 'begun',
            ({ code }) => code,
          ),
        { timeout: 20_000 },
      )
      .toBe('begun')
    expect(await moves.end(31)).toMatchObject({ outcome: 'moved', mode: 'planned' })
    await expect.poll(() => ownerSeenIn('sh'), { timeout: 10_000 }).toBe('ACTIVE sh')
  })
})

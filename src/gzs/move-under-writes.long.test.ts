import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError, type RoutingTable, systemClock } from '@ezone/sdk'
import { ZoneDatabase } from '@ezone/sdk/dal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'
import { pretendReplication, ShardMoves } from '../../testbed/testing/shard-moves.ts'

const zones = ['bj', 'sh'] as const
type Zone = (typeof zones)[number]
let platform: PlatformGround
let moves: ShardMoves
const databases = new Map<string, ZoneDatabase>()
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 50, sh: 51, edge: 52 }, { links: true })
  await platform.startAll(['gzs', 'lease-keeper'])
  moves = new ShardMoves(platform, 'edge')
  const { app } = platform.ground.credentials.mysql
  for (const zone of zones) {
    const address = platform.mysql(zone).ports[0]?.host ?? expect.fail('no door')
    const db = ZoneDatabase.open({ mysql: { ...address, ...app }, zone, clock: systemClock })
    databases.set(zone, db)
    await db.migrate('test', [
      [
        'CREATE DATABASE IF NOT EXISTS test',
        'CREATE TABLE test.writes (id INT PRIMARY KEY, shard SMALLINT NOT NULL, epoch BIGINT NOT NULL)',
      ],
    ])
  }
})
afterAll(async () => {
  await Promise.all([...databases.values()].map((db) => db[Symbol.asyncDispose]()))
  await platform?.[Symbol.asyncDispose]()
})

/** Nothing was done, and it may go through in a moment or elsewhere: what a router holds and sends again. */
const again = new Set(['EZ_SHARD_FROZEN', 'EZ_STALE_EPOCH', 'EZ_WRONG_ZONE_WRITE', 'EZ_OVERLOADED'])

/**
 * Clients behind a router that follows the table: `perSecond` writes, each to the zone that owns the shard, held while
 * it is on its way, at most 2 s.
 */
class Writers implements AsyncDisposable {
  readonly done: number[] = []
  readonly failed: unknown[] = []
  longestMs = 0
  #table: RoutingTable | undefined
  readonly #end = new AbortController()
  readonly #running: Promise<unknown>

  constructor(shard: number, perSecond: number, firstId: number) {
    this.#running = Promise.all([this.#follow(), this.#write(shard, perSecond, firstId)])
  }

  async #follow(): Promise<void> {
    while (!this.#end.signal.aborted) {
      this.#table = await moves.gzs.table(moves.signal)
      await sleep(10)
    }
  }

  async #write(shard: number, perSecond: number, firstId: number): Promise<void> {
    const inFlight: Promise<void>[] = []
    for (let id = firstId; !this.#end.signal.aborted; id++) {
      inFlight.push(this.#one(shard, id))
      await sleep(1000 / perSecond)
    }
    await Promise.all(inFlight)
  }

  async #one(shard: number, id: number): Promise<void> {
    const beganMs = systemClock.monotonicMs()
    for (;;) {
      try {
        const entry = this.#table?.shards.find((s) => s.shard === shard)
        if (entry === undefined || entry.state !== 'ACTIVE') throw new EzoneError('EZ_SHARD_FROZEN', 'held')
        // Of every four one is a transaction that takes its time.
        const db = databases.get(entry.zone)
        const claim = { shard, epoch: entry.epoch }
        if (id % 4 !== 0) await db?.insert(claim, 'test.writes', { id })
        else
          await db?.write(claim, async (tx) => {
            await tx.insert('test.writes', { id })
            await sleep(30)
          })
        this.done.push(id)
        break
      } catch (error) {
        const late = systemClock.monotonicMs() - beganMs > 2_000
        if (late || !EzoneError.is(error) || !again.has(error.code)) return void this.failed.push(error)
        await sleep(10)
      }
    }
    this.longestMs = Math.max(this.longestMs, systemClock.monotonicMs() - beganMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    await this.#running
  }
}

const other = (zone: string): Zone => (zone === 'bj' ? 'sh' : 'bj')

describe('a shard that moves under 200 writes a second', () => {
  it.each(['planned', 'takeover'] as const)(
    '%s: no client error, no write in a zone that does not own it, none lost',
    async (mode) => {
      await using _ = pretendReplication(platform)
      const firstId = mode === 'planned' ? 1 : 1_000_000
      const writers = new Writers(31, 200, firstId)
      const begun = await moves.shard(31)
      for (let n = 0; n < 3; n++) {
        await sleep(700)
        const { zone } = await moves.shard(31)
        await moves.begin({ shard: 31, to: other(zone), mode })
        expect(await moves.end(31)).toMatchObject({ outcome: 'moved' })
      }
      await sleep(500)
      await writers[Symbol.asyncDispose]()
      expect(writers.failed).toEqual([])
      expect(writers.longestMs).toBeLessThan(2_000)

      const owners = new Map([[begun.epoch, begun.zone]])
      for (const { changes } of await moves.gzs.history(moves.signal))
        for (const { after } of changes) if (after.state === 'ACTIVE') owners.set(after.epoch, after.zone)
      const written = await Promise.all(
        zones.map(async (zone) => {
          const rows = await platform.query(zone, `SELECT id, epoch FROM test.writes WHERE id >= ${firstId}`)
          return rows.map((row) => ({ id: Number(row.id), epoch: Number(row.epoch), zone }))
        }),
      )
      const rows = written.flat()
      expect(rows.filter((row) => owners.get(row.epoch) !== row.zone)).toEqual([])
      expect(rows.map((row) => row.id).toSorted((a, b) => a - b)).toEqual(writers.done.toSorted((a, b) => a - b))
      expect(rows.length).toBeGreaterThan(100)
      for (const zone of zones) expect(rows.some((row) => row.zone === zone)).toBe(true)
    },
  )
})

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DalGround, fenceOf, shopMigrations } from '../../../testbed/testing/dal-ground.ts'
import { systemClock, versionTimeMs, versionZone } from '../model/index.ts'
import { Fences, multiActive, type ZoneDatabase } from './index.ts'

let dal: DalGround
let db: ZoneDatabase
beforeAll(async () => {
  dal = await DalGround.make({ bj: 45, sh: 46, edge: 47 })
  db = await dal.database()
  await using fences = Fences.open({ mysql: dal.access('fence'), clock: systemClock })
  await fences.seed([fenceOf(31)])
})
afterAll(async () => {
  await db?.[Symbol.asyncDispose]()
  await dal?.[Symbol.asyncDispose]()
})

const insert = (id: bigint, note = 'first') => db.insert({ shard: 31, epoch: 5 }, 'shop.orders', { order_id: id, note })
const versionOf = async (id: bigint) =>
  BigInt(String(await dal.one(`SELECT drc_ver FROM shop.orders WHERE order_id = ${id}`)))
const tombstoneOf = async (id: bigint) => {
  const found = await dal.one(`SELECT drc_ver FROM ezone_drc.tombstone WHERE tbl = 'shop.orders' AND pk = '${id}'`)
  return found === undefined ? undefined : BigInt(String(found))
}
/** As the replication writes what zone sh wrote: with the version it brings along. */
const apply = async (sql: string) => {
  const drc = await dal.connect('drc')
  await drc.query("SET gtid_next = 'AUTOMATIC:drc_sh'")
  await drc.query(sql)
}
/** A version far beyond every clock here, as of a zone whose clock is wrong, or from before ours was set back. */
const future = () => ((BigInt(Math.round(systemClock.nowMs() + 3_600_000)) * 1000n) << 4n) | 2n

describe('a version', () => {
  it('is the time of the write, and the zone', async () => {
    const id = dal.id()
    const beforeMs = systemClock.nowMs()
    await insert(id)
    const version = await versionOf(id)
    expect(versionZone(version)).toBe(1)
    expect(versionTimeMs(version)).toBeGreaterThan(beforeMs - 5)
    expect(versionTimeMs(version)).toBeLessThan(systemClock.nowMs() + 5)
  })

  it('is not seen by who does not ask for it', async () => {
    const [row] = await dal.query('SELECT * FROM shop.orders LIMIT 1')
    expect(Object.keys(row ?? {})).not.toContain('drc_ver')
  })

  it('grows when a write had to wait for the lock of the one before it', async () => {
    const id = dal.id()
    await insert(id)
    const [first, second] = [await dal.connect('app'), await dal.connect('app')]
    await first.query('START TRANSACTION')
    await first.query(`UPDATE shop.orders SET note = 'a' WHERE order_id = ${id}`)
    const waiting = second.query(`UPDATE shop.orders SET note = 'b' WHERE order_id = ${id}`)
    await sleep(150)
    await first.query(`UPDATE shop.orders SET note = 'c' WHERE order_id = ${id}`)
    const [[seen]] = (await first.query(`SELECT drc_ver FROM shop.orders WHERE order_id = ${id}`)) as unknown as [
      { drc_ver: string }[],
    ]
    await first.query('COMMIT')
    await waiting
    expect(await versionOf(id)).toBeGreaterThan(BigInt(seen?.drc_ver ?? 0))
  })

  it.each(['SET timestamp = 1000000000', "SET time_zone = '+09:00'"])('is not moved by %s', async (setting) => {
    const id = dal.id()
    await insert(id)
    const before = await versionOf(id)
    const app = await dal.connect('app')
    await app.query(setting)
    await app.query(`UPDATE shop.orders SET note = 'later' WHERE order_id = ${id}`)
    const after = await versionOf(id)
    expect(after).toBeGreaterThan(before)
    expect(versionTimeMs(after)).toBeLessThan(systemClock.nowMs() + 5)
  })

  it('grows also where the clock is behind the row', async () => {
    const id = dal.id()
    const version = future()
    await apply(`INSERT INTO shop.orders (order_id, shard, epoch, drc_ver) VALUES (${id}, 31, 5, ${version})`)
    expect(await versionOf(id)).toBe(version)
    const app = await dal.connect('app')
    await app.query(`UPDATE shop.orders SET note = 'a' WHERE order_id = ${id}`)
    expect(await versionOf(id)).toBe((((version >> 4n) + 1n) << 4n) | 1n)
  })

  it('of an applied row is the one it came with, whatever is done to it', async () => {
    const id = dal.id()
    await apply(`INSERT INTO shop.orders (order_id, shard, epoch, drc_ver) VALUES (${id}, 31, 5, 162)`)
    await apply(`UPDATE shop.orders SET note = 'b', drc_ver = 178 WHERE order_id = ${id}`)
    expect(await versionOf(id)).toBe(178n)
    await apply(`DELETE FROM shop.orders WHERE order_id = ${id}`)
    expect(await tombstoneOf(id)).toBeUndefined()
  })

  it('cannot be chosen by a service', async () => {
    const app = await dal.connect('app')
    await expect(app.query("SET gtid_next = 'AUTOMATIC:drc_sh'")).rejects.toMatchObject({ errno: 6038 })
    const id = dal.id()
    await app.query(
      `INSERT INTO shop.orders (order_id, shard, epoch, drc_ver) VALUES (${id}, 31, 5, 18446744073709551615)`,
    )
    expect(versionTimeMs(await versionOf(id))).toBeLessThan(systemClock.nowMs() + 5)
  })
})

describe('a delete', () => {
  it('leaves a tombstone with a version of its own', async () => {
    const id = dal.id()
    await insert(id)
    const before = await versionOf(id)
    expect(await tombstoneOf(id)).toBeUndefined()
    await dal.query(`DELETE FROM shop.orders WHERE order_id = ${id}`)
    expect(await tombstoneOf(id)).toBeGreaterThan(before)
  })

  it('is outlived by a row that is inserted again, also where the clock is behind', async () => {
    const id = dal.id()
    await apply(`INSERT INTO shop.orders (order_id, shard, epoch, drc_ver) VALUES (${id}, 31, 5, ${future()})`)
    await dal.query(`DELETE FROM shop.orders WHERE order_id = ${id}`)
    const tombstone = await tombstoneOf(id)
    await insert(id, 'again')
    expect(await versionOf(id)).toBeGreaterThan(tombstone ?? 0n)
    await dal.query(`DELETE FROM shop.orders WHERE order_id = ${id}`)
    expect(await tombstoneOf(id)).toBeGreaterThan(tombstone ?? 0n)
  })

  it('of 200 rows with REPLACE and DELETE among them never makes a version go back', async () => {
    const ids = [dal.id(), dal.id(), dal.id()]
    const newest = new Map<bigint, bigint>()
    const app = await dal.connect('app')
    for (let round = 0; round < 200; round++) {
      const id = ids[round % 3] as bigint
      const sql = [
        `REPLACE INTO shop.orders (order_id, shard, epoch, note) VALUES (${id}, 31, 5, 'r${round}')`,
        `DELETE FROM shop.orders WHERE order_id = ${id}`,
        `INSERT INTO shop.orders (order_id, shard, epoch) VALUES (${id}, 31, 5) ON DUPLICATE KEY UPDATE note = 'd${round}'`,
      ][(round >> 1) % 3] as string
      await app.query(sql)
      const [[row]] = (await app.query(`SELECT GREATEST(
        COALESCE((SELECT drc_ver FROM shop.orders WHERE order_id = ${id}), 0),
        COALESCE((SELECT drc_ver FROM ezone_drc.tombstone WHERE tbl = 'shop.orders' AND pk = '${id}'), 0)) AS version`)) as unknown as [
        { version: string }[],
      ]
      const version = BigInt(row?.version ?? 0)
      expect(version, sql).toBeGreaterThanOrEqual(newest.get(id) ?? 0n)
      newest.set(id, version)
    }
  })

  it('and an insert of the same key at once leave the row newer than the tombstone, or one of them fails', async () => {
    const id = dal.id()
    await apply(`INSERT INTO shop.orders (order_id, shard, epoch, drc_ver) VALUES (${id}, 31, 5, ${future()})`)
    const [deleting, inserting] = [await dal.connect('app'), await dal.connect('app')]
    await inserting.query('START TRANSACTION')
    // The snapshot of the inserting transaction is older than the delete.
    await inserting.query('SELECT COUNT(*) FROM ezone_drc.tombstone')
    await deleting.query('START TRANSACTION')
    await deleting.query(`DELETE FROM shop.orders WHERE order_id = ${id}`)
    const again = inserting.query(`INSERT INTO shop.orders (order_id, shard, epoch) VALUES (${id}, 31, 5)`)
    await sleep(150)
    await deleting.query('COMMIT')
    await again
    await inserting.query('COMMIT')
    expect(await versionOf(id)).toBeGreaterThan((await tombstoneOf(id)) ?? 0n)
  })
})

describe('a multi-active table', () => {
  it('never has its primary key changed', async () => {
    const id = dal.id()
    await insert(id)
    const moving = dal.query(`UPDATE shop.orders SET order_id = order_id + 1 WHERE order_id = ${id}`)
    await expect(moving).rejects.toMatchObject({ sqlState: '45000' })
  })

  it('may have a key of several columns, numbers and texts', async () => {
    await db.migrate('pairs', [
      [
        'CREATE TABLE shop.pairs (a INT NOT NULL, b VARCHAR(20) NOT NULL, shard INT NOT NULL, epoch INT NOT NULL, PRIMARY KEY (a, b))',
        ...multiActive('shop.pairs', ['a', 'b']),
      ],
    ])
    await dal.query("INSERT INTO shop.pairs VALUES (7, '上海', 31, 5)")
    await dal.query('DELETE FROM shop.pairs')
    const pk = await dal.one("SELECT pk FROM ezone_drc.tombstone WHERE tbl = 'shop.pairs'")
    expect((pk as Buffer).toString()).toBe('7\x1f上海')
  })

  it('is made once, and may be made again after a crash in the middle', async () => {
    await dal.query("DELETE FROM ezone_drc.migration WHERE service = 'shop'")
    await dal.query('DROP TRIGGER shop.orders_drc_delete')
    await db.migrate('shop', shopMigrations)
    const triggers = await dal.query(
      "SELECT trigger_name FROM information_schema.triggers WHERE event_object_table = 'orders'",
    )
    expect(triggers).toHaveLength(3)
    expect(await dal.one("SELECT COUNT(*) FROM ezone_drc.migration WHERE service = 'shop'")).toBe('1')
  })

  it('is migrated by one of several instances at a time', async () => {
    const statements = ['CREATE TABLE shop.once (id INT PRIMARY KEY)', 'INSERT INTO shop.once VALUES (1)']
    const instances = Array.from({ length: 4 }, () => db.migrate('once', [statements]))
    await Promise.all(instances)
    expect(await dal.one('SELECT COUNT(*) FROM shop.once')).toBe('1')
  })
})

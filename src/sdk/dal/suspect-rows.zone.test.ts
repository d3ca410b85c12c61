import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DalGround, fenceOf } from '../../../testbed/testing/dal-ground.ts'
import { systemClock, versionTimeMs } from '../model/index.ts'
import { Fences, SuspectRows, type ZoneDatabase } from './index.ts'

let dal: DalGround
let db: ZoneDatabase
let suspects: SuspectRows
beforeAll(async () => {
  dal = await DalGround.make({ bj: 49, sh: 48, edge: 46 })
  db = await dal.database()
  suspects = SuspectRows.open({ mysql: dal.access('fence'), clock: systemClock })
  await using fences = Fences.open({ mysql: dal.access('fence'), clock: systemClock })
  await fences.seed([fenceOf(31)])
})
afterAll(async () => {
  await suspects?.[Symbol.asyncDispose]()
  await db?.[Symbol.asyncDispose]()
  await dal?.[Symbol.asyncDispose]()
})

const taken = { shard: 31, epoch: 7, complete: true, atMs: 1 }
async function insert(): Promise<{ readonly orderId: string; readonly version: bigint }> {
  const id = dal.id()
  await db.insert({ shard: 31, epoch: 5 }, 'shop.orders', { order_id: id, note: 'first' })
  return { orderId: String(id), version: await versionOf(String(id)) }
}
const versionOf = async (id: string) =>
  BigInt(String(await dal.one(`SELECT drc_ver FROM shop.orders WHERE order_id = ${id}`)))
const lockOf = async (id: string) => dal.one(`SELECT locked FROM shop.orders WHERE order_id = ${id}`)
const stateOf = async (id: string) => dal.one(`SELECT state FROM ezone.suspect WHERE order_id = ${id}`)
const own = async () => {
  const gtids = String(await dal.one('SELECT @@GLOBAL.gtid_executed'))
  return Number(/^[0-9a-f-]{36}:1-(\d+)/.exec(gtids)?.[1] ?? 0)
}
/** As the replication writes what zone sh wrote: with the version it brings along. */
async function arrives(orderId: string, version: bigint): Promise<void> {
  const drc = await dal.connect('drc')
  await drc.query("SET gtid_next = 'AUTOMATIC:drc_sh'")
  await drc.query(
    `REPLACE INTO shop.orders (order_id, shard, epoch, note, locked, drc_ver) VALUES (${orderId}, 31, 5, 'sh', NULL, ${version})`,
  )
}
const newer = (version: bigint) => String(version + 16n)

describe('what was acknowledged and is not here', () => {
  it('is locked where there is an older row, remembered where there is none, and nothing where it is here', async () => {
    const [here, older] = [await insert(), await insert()]
    const missing = { orderId: String(dal.id()), version: '99' }
    const acknowledged = [
      { ...here, version: String(here.version) },
      { ...older, version: newer(older.version) },
      missing,
    ]
    await suspects.take(taken, acknowledged)
    expect([await lockOf(here.orderId), await lockOf(older.orderId)]).toEqual([null, '1'])
    expect((await suspects.found(taken)).map(({ orderId }) => orderId).toSorted()).toEqual(
      [older.orderId, missing.orderId].toSorted(),
    )
    expect(await suspects.taken()).toEqual([taken])
    // The lock has no version, and a tag that replication leaves where it is: it does not win against what is to come.
    expect(await versionOf(older.orderId)).toBe(older.version)
    expect(await dal.one('SELECT @@GLOBAL.gtid_executed')).toContain('drc_lock:1')
    await expect(
      db.write({ shard: 31, epoch: 5 }, (tx) => tx.take('shop.orders', { order_id: older.orderId })),
    ).rejects.toMatchObject({ code: 'EZ_ORDER_LOCKED' })
  })

  it('was acknowledged after the newest change that is here', async () => {
    expect(await suspects.heardFrom(2)).toBeNull()
    const order = await insert()
    expect(await suspects.heardFrom(1)).toBe(versionTimeMs(order.version))
    await arrives(order.orderId, (order.version & ~15n) | 2n | 1024n)
    expect(await suspects.heardFrom(2)).toBe(versionTimeMs(order.version | 1024n))
  })

  it('frees its row by arriving', async () => {
    const order = await insert()
    const missing = { orderId: String(dal.id()), version: String(order.version) }
    await suspects.take(taken, [{ ...order, version: newer(order.version) }, missing])
    await arrives(order.orderId, BigInt(newer(order.version)))
    await arrives(missing.orderId, BigInt(missing.version))
    await suspects.look(taken, false)
    expect([await stateOf(order.orderId), await lockOf(order.orderId)]).toEqual(['arrived', null])
    expect([await stateOf(missing.orderId), await lockOf(missing.orderId)]).toEqual(['arrived', null])
  })

  it('keeps its row locked while only a part of it has arrived', async () => {
    const order = await insert()
    const missing = { orderId: String(dal.id()), version: newer(order.version) }
    await suspects.take(taken, [{ ...order, version: String(order.version + 48n) }, missing])
    await arrives(order.orderId, BigInt(newer(order.version)))
    await arrives(missing.orderId, order.version)
    expect(await suspects.look(taken, false)).toBeGreaterThanOrEqual(2)
    expect([await lockOf(order.orderId), await lockOf(missing.orderId)]).toEqual(['1', '1'])
  })

  it('is locked for good, as a change that travels, once nothing more can come', async () => {
    const order = await insert()
    const missing = String(dal.id())
    await suspects.take(taken, [
      { ...order, version: newer(order.version) },
      { orderId: missing, version: '99' },
    ])
    const before = await own()
    await suspects.look(taken, true)
    expect([await stateOf(order.orderId), await stateOf(missing)]).toEqual(['locked', 'lost'])
    expect(await lockOf(order.orderId)).toBe('1')
    expect(await versionOf(order.orderId)).toBeGreaterThan(BigInt(newer(order.version)))
    expect(await own()).toBeGreaterThan(before)
  })

  it('of an earlier takeover is not touched by a later one', async () => {
    const order = await insert()
    await suspects.take(taken, [{ ...order, version: newer(order.version) }])
    expect(await suspects.found({ shard: 31, epoch: 9 })).toEqual([])
    expect(await suspects.look({ shard: 31, epoch: 9 }, true)).toBe(0)
    expect(await stateOf(order.orderId)).toBe('missing')
  })
})

import { parseId, unpackId } from '@ezone/sdk/model'
import type { RowDataPacket } from 'mysql2/promise'
import { type MysqlDoor, mysqlDoors } from '../drc/find-drc.ts'
import type { LedgerGround } from './ground.ts'
import type { Entry } from './history.ts'
import { type Ask, asking, ownTables } from './own-tables.ts'
import type { RunClock } from './run-clock.ts'

/** Rows read at once. */
const pageRows = 1_000
const conflictsMax = 10_000
/** Of which the ledger knows that they must be looked for, besides those whose request is found. */
export const idsMax = 400_000

export interface CollectOptions {
  readonly ground: LedgerGround
  readonly run: string
  readonly clock: RunClock
  /** Orders of this run that were acknowledged: they are looked for by id, also where the request is lost. */
  readonly acknowledged: ReadonlySet<string>
  /** True where rows were fought about. */
  readonly shared: boolean
  readonly note: (entry: Entry) => void
}

/**
 * What every zone's databases have of this run when it is over, asked directly and one zone beside the other. A zone that
 * does not answer is told as such: what was not seen is not lost.
 */
export async function collect(options: CollectOptions): Promise<void> {
  const { ground, clock, note } = options
  const doors = mysqlDoors(ground.blueprint, ground.credentials)
  const ids = new Set([...options.acknowledged].slice(0, idsMax))
  // An order may have reached a zone without its request: what any zone knows of, all are asked for.
  const whys = new Map<string, string | null>()
  await Promise.all(doors.map(async (door) => whys.set(door.zone, await tried(() => requestsOf(door, options, ids)))))
  await Promise.all(
    doors.map(async (door) => {
      const why = whys.get(door.zone) ?? (await tried(() => rowsOf(door, options, ids)))
      note({ type: 'collected', atMs: clock.atMs(), zone: door.zone, why })
    }),
  )
}

async function tried(work: () => Promise<void>): Promise<string | null> {
  try {
    await work()
    return null
  } catch (error) {
    return (error as Error).message || 'its database does not answer'
  }
}

const missingTable = new Set(['ER_NO_SUCH_TABLE', 'ER_BAD_DB_ERROR'])

/** A table that nobody has needed yet is an empty one. */
async function rowsIn(ask: Ask, sql: string, values: readonly unknown[]): Promise<readonly RowDataPacket[]> {
  return ask(sql, values).catch((error: { code?: string }) => {
    if (missingTable.has(error.code ?? '')) return []
    throw error
  })
}

async function requestsOf(door: MysqlDoor, options: CollectOptions, ids: Set<string>): Promise<void> {
  const { run, note, ground } = options
  const { zone } = door
  const page = `SELECT request_key, JSON_UNQUOTE(JSON_EXTRACT(answer, '$.orderId')) AS order_id FROM delivery.requests
    WHERE shard = ? AND request_key > ? AND request_key LIKE '${run}-%' ORDER BY request_key LIMIT ${pageRows}`
  await asking(door, async (ask) => {
    for (const shard of Object.keys(ground.blueprint.shards).map(Number))
      for (let after = ''; ; ) {
        const rows = await rowsIn(ask, page, [shard, after])
        for (const { request_key, order_id } of rows) {
          if (order_id === null) continue
          if (ids.size < idsMax) ids.add(String(order_id))
          note({ type: 'request', zone, key: String(request_key), orderId: String(order_id) })
        }
        if (rows.length < pageRows) break
        after = String(rows.at(-1)?.request_key)
      }
  })
}

async function rowsOf(door: MysqlDoor, options: CollectOptions, ids: ReadonlySet<string>): Promise<void> {
  await asking(door, async (ask) => {
    await ordersOf(ask, door.zone, options, ids)
    await conflictsOf(ask, door.zone, options)
    if (options.shared) await sharedOf(ask, door.zone, options)
  })
  await usersOf(door.zone, options)
}

async function ordersOf(
  ask: Ask,
  zone: string,
  { ground, note }: CollectOptions,
  ids: ReadonlySet<string>,
): Promise<void> {
  const zones = new Map(ground.blueprint.zones.map(({ name, number }) => [number, name]))
  const all = [...ids]
  for (let from = 0; from < all.length; from += pageRows) {
    const some = all.slice(from, from + pageRows)
    const rows = await rowsIn(
      ask,
      `SELECT order_id, shard, epoch, state, drc_ver, rider_id, locked FROM delivery.orders
        WHERE order_id IN (${some.map(() => '?').join()})`,
      some,
    )
    for (const row of rows) {
      const orderId = String(row.order_id)
      note({
        type: 'order',
        zone,
        orderId,
        shard: Number(row.shard),
        epoch: Number(row.epoch),
        state: String(row.state),
        version: String(row.drc_ver),
        riderId: row.rider_id === null ? null : String(row.rider_id),
        locked: Number(row.locked) !== 0,
        bornIn: zones.get(unpackId(parseId(orderId) ?? 0n).zone) ?? 'unknown',
      })
    }
  }
}

/** Where replication had to choose since the run began. Clocks of the zones may be off by what a drill has done to them. */
async function conflictsOf(ask: Ask, zone: string, { clock, note }: CollectOptions): Promise<void> {
  const sql = `SELECT tbl, pk, locks, winner_ver, loser_ver FROM ezone_drc.conflict
    WHERE at_ms >= ? ORDER BY id LIMIT ${conflictsMax}`
  for (const row of await rowsIn(ask, sql, [clock.startedAtMs]))
    note({
      type: 'conflict',
      zone,
      table: String(row.tbl),
      key: String(row.pk),
      winner: String(row.winner_ver),
      loser: String(row.loser_ver),
      locked: Number(row.locks) !== 0,
    })
}

async function sharedOf(ask: Ask, zone: string, { run, note }: CollectOptions): Promise<void> {
  const alive = await rowsIn(ask, `SELECT k, value, drc_ver FROM ${ownTables.shared} WHERE k LIKE '${run}-%'`, [])
  const keys = new Set(alive.map(({ k }) => String(k)))
  for (const { k, value, drc_ver } of alive)
    note({ type: 'shared', zone, key: String(k), value: String(value), version: String(drc_ver) })
  const buried = `SELECT CONVERT(pk USING ascii) AS k, drc_ver FROM ezone_drc.tombstone
    WHERE tbl = ? AND pk LIKE '${run}-%'`
  for (const { k, drc_ver } of await rowsIn(ask, buried, [ownTables.shared]))
    if (!keys.has(String(k))) note({ type: 'shared', zone, key: String(k), value: null, version: String(drc_ver) })
}

/** Phones begin with the number of the run. */
async function usersOf(zone: string, { ground, run, note }: CollectOptions): Promise<void> {
  const { root } = ground.credentials.mysql
  const spec = ground.blueprint.specs.find((one) => one.kind === 'mysql' && one.role === 'global' && one.zone === zone)
  const door = spec?.ports.find(({ name }) => name === 'client')?.host
  if (door === undefined) return
  await asking({ mysql: { ...door, ...root } }, async (ask) => {
    const sql = `SELECT phone, user_id FROM accounts.users WHERE phone > ? AND phone LIKE '${run}%' ORDER BY phone LIMIT ${pageRows}`
    for (let after = ''; ; ) {
      const rows = await rowsIn(ask, sql, [after])
      for (const { phone, user_id } of rows) note({ type: 'user', zone, phone: String(phone), userId: String(user_id) })
      if (rows.length < pageRows) return
      after = String(rows.at(-1)?.phone)
    }
  })
}

/** Of these orders, those that a zone's database does not have. @throws where it does not answer */
export async function missingIn(door: MysqlDoor, orderIds: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>()
  await asking(door, async (ask) => {
    for (let from = 0; from < orderIds.length; from += pageRows) {
      const some = orderIds.slice(from, from + pageRows)
      const sql = `SELECT order_id FROM delivery.orders WHERE order_id IN (${some.map(() => '?').join()})`
      for (const { order_id } of await rowsIn(ask, sql, some)) found.add(String(order_id))
    }
  })
  return orderIds.filter((id) => !found.has(id))
}

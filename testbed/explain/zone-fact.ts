import { type Address, leaseForever, shardStates } from '@ezone/sdk/model'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { SilentZone, ZoneFact } from './facts.ts'

export interface ZoneDoor {
  readonly zone: string
  readonly number: number
  readonly mysql: Address & { readonly user: string; readonly password: string }
}

const connectMs = 2_000
const askMs = 4_000
const losersMax = 3

/**
 * What a zone's MySQL holds of an order, read directly and as root: beside the platform, so that a fault in it is seen
 * and not shared. One consistent view of all tables.
 */
export async function askZone(
  { zone, number, mysql }: ZoneDoor,
  { orderId, shard }: { readonly orderId: string; readonly shard: number },
): Promise<ZoneFact | SilentZone> {
  const { createConnection } = await import('mysql2/promise')
  let connection: Connection | undefined
  try {
    const numbers = { supportBigNumbers: true, bigNumberStrings: true, dateStrings: true }
    connection = await createConnection({ ...mysql, ...numbers, connectTimeout: connectMs })
    const fact = await readZone(connection, orderId, shard)
    return { zone, number, ...fact }
  } catch (error) {
    return { zone, number, error: (error as Error).message }
  } finally {
    connection?.destroy()
  }
}

async function readZone(connection: Connection, orderId: string, shard: number) {
  const ask = async (sql: string, values: readonly string[] = []) => {
    const [rows] = await connection.query<RowDataPacket[]>({ sql, values: [...values], timeout: askMs })
    return rows
  }
  await ask("SET time_zone = '+00:00'")
  await ask('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
  const [now] = await ask('SELECT UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS nowMs')
  const [fence] = await ask('SELECT * FROM ezone.fence WHERE shard = ?', [String(shard)])
  const [row] = await orNothing(
    ask(
      `SELECT state, zone, epoch, locked, trace_id, CAST(drc_ver AS CHAR) AS version,
              DATE_FORMAT(created_at, '%Y-%m-%dT%H:%i:%s.%f') AS createdAt
       FROM delivery.orders WHERE order_id = ?`,
      [orderId],
    ),
  )
  const key = ['delivery.orders', orderId]
  const [tombstone] = await ask(
    'SELECT CAST(drc_ver AS CHAR) AS version FROM ezone_drc.tombstone WHERE tbl = ? AND pk = ?',
    key,
  )
  const applied = await ask('SELECT source, uuid, gno, applied_at_ms AS atMs FROM ezone_drc.position ORDER BY source')
  const [conflicts] = await ask('SELECT COUNT(*) AS count FROM ezone_drc.conflict WHERE tbl = ? AND pk = ?', key)
  const losers = await ask(
    `SELECT at_ms, source, loser, CAST(winner_ver AS CHAR) AS winnerVersion, CAST(loser_ver AS CHAR) AS loserVersion
     FROM ezone_drc.conflict WHERE tbl = ? AND pk = ? ORDER BY id DESC LIMIT ${losersMax}`,
    key,
  )
  return {
    nowMs: Number(now?.nowMs),
    fence: fence === undefined ? null : fenceOf(fence),
    row: row === undefined ? null : orderOf(row),
    tombstone: tombstone === undefined ? null : String(tombstone.version),
    applied: applied.map((one) => ({
      source: String(one.source),
      uuid: String(one.uuid),
      gno: Number(one.gno),
      appliedAtMs: Number(one.atMs),
    })),
    conflicts: Number(conflicts?.count ?? 0),
    losers: losers.map(({ at_ms, source, loser, winnerVersion, loserVersion }) => ({
      atMs: Number(at_ms),
      source: String(source),
      loser: loser === 'incoming' ? ('incoming' as const) : ('local' as const),
      winnerVersion: String(winnerVersion),
      loserVersion: String(loserVersion),
    })),
  }
}

/** A zone that never had an order has no such table: that is known, and nothing. */
const orNothing = (rows: Promise<RowDataPacket[]>) =>
  rows.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ER_NO_SUCH_TABLE' || error.code === 'ER_BAD_DB_ERROR') return []
    throw error
  })

function fenceOf(row: RowDataPacket): ZoneFact['fence'] {
  const state = shardStates.find((one) => one === row.state)
  if (state === undefined) throw new TypeError(`a fence row has the unknown state ${row.state}`)
  return {
    shard: Number(row.shard),
    zone: String(row.zone),
    epoch: Number(row.epoch),
    state,
    takenEpoch: Number(row.taken_epoch),
    leaseUntilMs: String(row.lease_until_ms) === leaseForever ? null : Number(row.lease_until_ms),
  }
}

function orderOf(row: RowDataPacket): ZoneFact['row'] {
  return {
    state: String(row.state),
    zone: String(row.zone),
    epoch: Number(row.epoch),
    locked: Number(row.locked) !== 0,
    createdAt: `${String(row.createdAt).slice(0, 23)}Z`,
    traceId: row.trace_id === null ? null : String(row.trace_id),
    version: String(row.version),
  }
}

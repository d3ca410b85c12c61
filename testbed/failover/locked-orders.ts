import type { Connection, RowDataPacket } from 'mysql2/promise'
import { type MysqlDoor, mysqlDoors } from '../drc/find-drc.ts'
import type { Credentials } from '../stores/credentials.ts'
import type { Blueprint } from '../topology/blueprint.ts'

const askMs = 5_000
const shownMax = 10_000

export interface LockedOrder {
  readonly orderId: string
  readonly shard: number
  readonly state: string
}

interface Sources {
  readonly blueprint: Pick<Blueprint, 'zones' | 'specs'>
  readonly credentials: Credentials
}

/** Orders that are locked in a zone's own database, asked directly: of these shards, or of all. null: it does not answer. */
export async function lockedOrders(
  { blueprint, credentials }: Sources,
  zone: string,
  shards: readonly number[] = [],
): Promise<readonly LockedOrder[] | null> {
  const door = mysqlDoors(blueprint, credentials).find((one) => one.zone === zone)
  return door === undefined ? null : await read(door, shards)
}

async function read({ mysql }: MysqlDoor, shards: readonly number[]): Promise<readonly LockedOrder[] | null> {
  const { createConnection } = await import('mysql2/promise')
  let connection: Connection | undefined
  try {
    const options = { connectTimeout: askMs, supportBigNumbers: true, bigNumberStrings: true }
    connection = await createConnection({ ...mysql, ...options })
    const only = shards.length === 0 ? '' : `AND shard IN (${shards.map(Number).join(', ')})`
    const sql = `SELECT order_id, shard, state FROM delivery.orders WHERE locked <> 0 ${only} LIMIT ${shownMax}`
    const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout: askMs })
    return rows.map((row) => ({ orderId: String(row.order_id), shard: Number(row.shard), state: String(row.state) }))
  } catch (error) {
    // Before the first order service has started there are no orders.
    if ((error as { errno?: number }).errno === 1146 || (error as { errno?: number }).errno === 1049) return []
    return null
  } finally {
    connection?.destroy()
  }
}

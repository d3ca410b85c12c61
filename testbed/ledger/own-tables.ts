import { multiActive } from '@ezone/sdk/dal'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import type { MysqlDoor } from '../drc/find-drc.ts'

/** What the ledger writes itself: markers, and the rows that zones fight about. */
export const ownTables = { shared: 'ezone_ledger.shared', marker: 'ezone_ledger.marker' } as const

const schema = 'ezone_ledger'
const madeAlready = new Set(['ER_DUP_FIELDNAME', 'ER_TRG_ALREADY_EXISTS'])
const connectMs = 2_000
const statementMs = 10_000

export type Ask = (sql: string, values?: readonly unknown[]) => Promise<readonly RowDataPacket[]>

/** One session at a zone's database, for as long as the work takes. Numbers come with all their digits, as text. */
export async function asking<T>({ mysql }: Pick<MysqlDoor, 'mysql'>, work: (ask: Ask) => Promise<T>): Promise<T> {
  let connection: Connection | undefined
  try {
    const exact = { supportBigNumbers: true, bigNumberStrings: true }
    connection = await createConnection({ ...mysql, ...exact, connectTimeout: connectMs })
    // Every statement says itself when the connection broke; without a listener the process would end.
    connection.on('error', () => undefined)
    const asked = connection
    return await work(async (sql, values = []) => {
      const [rows] = await asked.query<RowDataPacket[]>({ sql, timeout: statementMs }, [...values])
      return rows
    })
  } finally {
    connection?.destroy()
  }
}

/** Makes a multi-active table of one key `k` in a zone, unless it is there. */
export function makeOwnTable(door: MysqlDoor, table: string, column: string): Promise<void> {
  const shape = `CREATE TABLE IF NOT EXISTS ${table} (
    k VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    shard SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    epoch BIGINT UNSIGNED NOT NULL DEFAULT 0,
    ${column}
  )`
  return asking(door, async (ask) => {
    for (const sql of [`CREATE DATABASE IF NOT EXISTS ${schema}`, shape, ...multiActive(table, ['k'])])
      await ask(sql).catch((error: { code?: string }) => {
        if (!madeAlready.has(error.code ?? '')) throw error
      })
  })
}

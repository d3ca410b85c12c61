import { houseStatements } from '../model/index.ts'
import type { Session } from './session.ts'
import { quotedName } from './sql.ts'
import type { SqlRow, SqlValue } from './types.ts'

export interface StrayRow {
  readonly table: string
  readonly row: SqlRow
}

/** Keeps what a server is about to lose: the transactions, as a GTID set, and the rows, which it must read to their end. */
export type KeepAside = (gtids: string, rows: AsyncIterable<StrayRow>) => Promise<void>

const chunk = 500
const notOurs = "('mysql', 'sys', 'information_schema', 'performance_schema', 'ezone')"
const houses = ['ezone', 'ezone_drc']

/**
 * Rows of this server that stand otherwise at the master, or not at all. Those that the master alone has changed
 * since are among them: no row tells which transaction wrote it.
 */
export async function* strayRows(own: Session, master: Session): AsyncIterable<StrayRow> {
  const sql = `SELECT CONCAT(table_schema, '.', table_name) AS name FROM information_schema.tables
    WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ${notOurs} ORDER BY name`
  for (const { name } of await own.rows<{ name: string }>(sql)) {
    if (houses.includes(name.split('.')[0] ?? '')) continue
    const key = await keyOf(own, name)
    for await (const rows of chunksOf(own, name, key)) {
      const there = await sameRows(master, name, key, rows)
      for (const row of rows) if (!there.has(JSON.stringify(row))) yield { table: name, row }
    }
  }
}

async function keyOf(session: Session, table: string): Promise<readonly string[]> {
  const [schema = '', name = ''] = table.split('.')
  const rows = await session.rows<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.statistics
     WHERE table_schema = ? AND table_name = ? AND index_name = 'PRIMARY' ORDER BY seq_in_index`,
    [schema, name],
  )
  return rows.map(({ name: column }) => column)
}

const tuple = (key: readonly string[]) => `(${key.map(quotedName).join(', ')})`
const places = (key: readonly string[]) => `(${key.map(() => '?').join(', ')})`
const valuesOf = (row: SqlRow, key: readonly string[]) => key.map((column) => row[column] as SqlValue)

/** In the order of the key; of a table without one the first rows only. */
async function* chunksOf(session: Session, table: string, key: readonly string[]): AsyncIterable<readonly SqlRow[]> {
  const all = `SELECT * FROM ${quotedName(table)}`
  if (key.length === 0) return yield await session.rows(`${all} LIMIT ${chunk}`)
  const order = `ORDER BY ${key.map(quotedName).join(', ')} LIMIT ${chunk}`
  let rows = await session.rows(`${all} ${order}`)
  for (let last = rows.at(-1); last !== undefined; last = rows.at(-1)) {
    yield rows
    if (rows.length < chunk) return
    rows = await session.rows(`${all} WHERE ${tuple(key)} > ${places(key)} ${order}`, valuesOf(last, key))
  }
}

async function sameRows(
  master: Session,
  table: string,
  key: readonly string[],
  rows: readonly SqlRow[],
): Promise<ReadonlySet<string>> {
  if (key.length === 0 || rows.length === 0) return new Set()
  const sql = `SELECT * FROM ${quotedName(table)} WHERE ${tuple(key)} IN (${rows.map(() => places(key)).join(', ')})`
  try {
    const there = await master.rows(
      sql,
      rows.flatMap((row) => valuesOf(row, key)),
    )
    return new Set(there.map((row) => JSON.stringify(row)))
  } catch (error) {
    if (['ER_NO_SUCH_TABLE', 'ER_BAD_DB_ERROR'].includes((error as { code?: string }).code ?? '')) return new Set()
    throw error
  }
}

/**
 * Makes a server as it was at its very first start: no data, no history. It then follows the master from the first
 * transaction there ever was. Killed anywhere in its middle it can be run again: what it must not have goes last.
 */
export async function makeAnew(session: Session): Promise<void> {
  const rows = await session.rows<{ name: string }>(
    `SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name NOT IN ${notOurs}`,
  )
  await session.text('STOP REPLICA')
  await session.text('SET SESSION sql_log_bin = 0, foreign_key_checks = 0')
  // Still closed to all but administrators.
  await session.text('SET GLOBAL super_read_only = OFF')
  try {
    for (const { name } of rows) await session.text(`DROP DATABASE ${quotedName(name)}`, dropMs)
    for (const statement of houseStatements.global) await session.text(statement)
    await session.text('RESET REPLICA')
    await session.text('RESET BINARY LOGS AND GTIDS', dropMs)
  } finally {
    await session.text('SET GLOBAL super_read_only = ON')
  }
}

const dropMs = 30_000

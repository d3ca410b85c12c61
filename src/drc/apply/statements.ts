import { type DrcCell, EzoneError, type RowImage } from '@ezone/sdk/model'
import { escapeId, escape as quoted } from 'mysql2'
import type { Conflict, RowKey } from '../core/types.ts'
import { limits } from '../limits.ts'
import type { KeyWrite } from './fold.ts'
import type { TargetTable } from './tables.ts'

const separator = '\x1f'

/** A value as SQL; text and bytes as they are, whatever the session's settings. */
export function literal(cell: DrcCell): string {
  if (cell === null) return 'NULL'
  if (typeof cell === 'number') return String(cell)
  if (typeof cell === 'string') return quoted(cell)
  return bytes(Buffer.from(cell.base64, 'base64'))
}

const bytes = (value: Buffer) => (value.length === 0 ? "''" : `x'${value.toString('hex')}'`)
const keyBytes = (pk: string) => bytes(Buffer.from(pk, 'utf8'))

/** `orders` of `delivery`, quoted. */
export const tableName = (name: string): string =>
  name
    .split('.')
    .map((part) => escapeId(part, true))
    .join('.')
const columnList = (columns: readonly string[]) => columns.map((column) => escapeId(column, true)).join(', ')

/** `(k1, k2) IN ((..), (..))`; numbers unquoted, or the server would compare them as floating point. */
export function keysIn(table: TargetTable, pks: readonly string[]): string {
  const tuples = pks.map((pk) => {
    const parts = pk.split(separator)
    return `(${table.key.map((column, i) => keyLiteral(table, column, parts[i] ?? '')).join(', ')})`
  })
  return `(${columnList(table.key)}) IN (${tuples.join(', ')})`
}

function keyLiteral(table: TargetTable, column: string, text: string): string {
  return table.numeric.has(column) && /^-?\d+(\.\d+)?$/.test(text) ? text : quoted(text)
}

export function selectRows(table: TargetTable, pks: readonly string[]): string {
  return `SELECT ${columnList(table.columns)} FROM ${tableName(table.name)} WHERE ${keysIn(table, pks)} FOR UPDATE`
}

/** Whether rows have come to be under these keys. */
export function selectKeys(table: TargetTable, pks: readonly string[]): string {
  return `SELECT 1 FROM ${tableName(table.name)} WHERE ${keysIn(table, pks)} LIMIT 1 FOR UPDATE`
}

export function selectTombstones(keys: readonly RowKey[]): string {
  const tuples = keys.map(({ table, pk }) => `(${quoted(table)}, ${keyBytes(pk)})`)
  return `SELECT tbl, pk, drc_ver FROM ezone_drc.tombstone WHERE (tbl, pk) IN (${tuples.join(', ')}) FOR UPDATE`
}

export const selectTaken = (zone: string): string =>
  `SELECT shard, taken_epoch FROM ezone.fence WHERE zone = ${quoted(zone)} AND taken_epoch > 0`

/**
 * Rows as they shall be. New ones by a plain INSERT, which fails where one has come to be; the others were read and
 * locked, so they are overwritten by their primary key, which is the first that a duplicate is looked for in.
 *
 * @throws EZ_DRC_MISSING_COLUMN
 */
export function writeRows(table: TargetTable, writes: readonly KeyWrite[], existed: boolean): readonly string[] {
  const rows = writes.flatMap(({ row }) => (row === null ? [] : [row]))
  // Around a change of the table one batch may have rows of both shapes.
  const shapes = Map.groupBy(rows, (row) => columnsOf(table, row).join(separator))
  return [...shapes.entries()].flatMap(([shape, same]) => {
    const columns = shape.split(separator)
    const others = columns.filter((column) => !table.key.includes(column))
    const onto = others.map((column) => `${escapeId(column, true)} = new.${escapeId(column, true)}`).join(', ')
    const values = same.map((row) => `(${columns.map((column) => literal(row[column] ?? null)).join(', ')})`)
    return chunks(values).map(
      (chunk) =>
        `INSERT INTO ${tableName(table.name)} (${columnList(columns)}) VALUES ${chunk.join(', ')}` +
        (existed ? ` AS new ON DUPLICATE KEY UPDATE ${onto}` : ''),
    )
  })
}

function columnsOf(table: TargetTable, row: RowImage): readonly string[] {
  return Object.keys(row).filter((column) => {
    if (table.generated.has(column)) return false
    if (table.columns.includes(column)) return true
    throw new EzoneError('EZ_DRC_MISSING_COLUMN', `${table.name} has no column ${column} in this zone`)
  })
}

export const deleteRows = (table: TargetTable, writes: readonly KeyWrite[]): readonly string[] =>
  chunks(writes.map(({ pk }) => pk)).map((pks) => `DELETE FROM ${tableName(table.name)} WHERE ${keysIn(table, pks)}`)

export const writeTombstones = (writes: readonly KeyWrite[]): readonly string[] =>
  chunks(writes.map(({ table, pk, tombstone }) => `(${quoted(table)}, ${keyBytes(pk)}, ${tombstone})`)).map(
    (values) =>
      `INSERT INTO ezone_drc.tombstone (tbl, pk, drc_ver) VALUES ${values.join(', ')} AS new` +
      ' ON DUPLICATE KEY UPDATE drc_ver = GREATEST(tombstone.drc_ver, new.drc_ver)',
  )

export function writeConflicts(conflicts: readonly Conflict[], source: string, atMs: number): readonly string[] {
  const image = (row: RowImage | null) => (row === null ? 'NULL' : quoted(JSON.stringify(row)))
  const values = conflicts.map(
    ({ table, pk, loser, lock, winnerVer, loserVer, winner, loserImage }) =>
      `(${atMs}, ${quoted(source)}, ${quoted(table)}, ${keyBytes(pk)}, ${quoted(loser)}, ${lock ? 1 : 0},` +
      ` ${winnerVer}, ${loserVer}, ${image(winner)}, ${image(loserImage)})`,
  )
  return chunks(values).map(
    (chunk) =>
      'INSERT INTO ezone_drc.conflict (at_ms, source, tbl, pk, loser, locks, winner_ver, loser_ver, winner, loser_image)' +
      ` VALUES ${chunk.join(', ')}`,
  )
}

const chunkBytesMax = 4 * 2 ** 20

/** Parts of a statement, few and small enough for one. */
export function chunks(parts: readonly string[]): readonly (readonly string[])[] {
  const found: string[][] = []
  let chunk: string[] = []
  let size = 0
  for (const part of parts) {
    if (chunk.length > 0 && (chunk.length >= limits.statementRowsMax || size + part.length > chunkBytesMax)) {
      found.push(chunk)
      chunk = []
      size = 0
    }
    chunk.push(part)
    size += part.length
  }
  return chunk.length > 0 ? [...found, chunk] : found
}

import type { Range } from './ranges.ts'
import type { Column, TableShape } from './shape.ts'

/** A row's address: its key columns as text, and the bytes its tombstone would have, in hex, as the one id for it. */
export interface RowKey {
  readonly id: string
  readonly values: readonly string[]
}

export const shapesSql = `
  SELECT CONCAT(c.table_schema, '.', c.table_name) AS tbl, c.column_name AS name, c.data_type AS type,
         k.ordinal_position AS keyed,
         CONCAT_WS(' ', c.column_type, c.collation_name, IF(c.is_nullable = 'YES', 'NULL', 'NOT NULL'),
           NULLIF(CONCAT('AS (', c.generation_expression, ')'), 'AS ()')) AS definition
  FROM information_schema.columns c
  JOIN information_schema.tables t
    ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
  JOIN information_schema.columns v
    ON v.table_schema = c.table_schema AND v.table_name = c.table_name AND v.column_name = 'drc_ver'
  LEFT JOIN information_schema.key_column_usage k
    ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name
   AND k.constraint_name = 'PRIMARY'
  WHERE c.table_schema NOT IN ('ezone', 'ezone_drc', 'mysql', 'sys', 'information_schema', 'performance_schema')
  ORDER BY tbl, c.column_name`

const named = (name: string) => `\`${name.replaceAll('`', '``')}\``
const tableName = (name: string) => name.split('.').map(named).join('.')

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))
const numeric = words('tinyint smallint mediumint int bigint decimal year')
/** As keys compared by their number: their text has another order. */
const numbered = words('bit enum set')
const bytes = words('binary varbinary tinyblob blob mediumblob longblob')
const shapes = words('geometry point linestring polygon multipoint multilinestring multipolygon geomcollection')
const isOpaque = (type: string) => bytes.has(type) || shapes.has(type) || type === 'bit' || type === 'vector'

/** A column as bytes that are the same only where the value is. */
function exact({ name, type }: Column): string {
  // As text a FLOAT has six digits; as the DOUBLE it is, all it needs.
  if (type === 'float') return `CAST(CAST(${named(name)} AS DOUBLE) AS BINARY)`
  if (isOpaque(type)) return `CAST(HEX(${named(name)}) AS BINARY)`
  return `CAST(${named(name)} AS BINARY)`
}

/** With their lengths before them no two rows of different values make the same text. */
function rowDigest({ columns }: TableShape): string {
  const parts = columns.map((column) => {
    const value = exact(column)
    return `IFNULL(CONCAT(LENGTH(${value}), ':', ${value}), '-')`
  })
  return `SHA2(CONCAT(${parts.join(', ')}), 256)`
}

/** A key column as text that `keyLiteral` makes the same value of again. */
function keyText({ name, type }: Column): string {
  if (bytes.has(type)) return `HEX(${named(name)})`
  if (numbered.has(type)) return `CAST(${named(name)} + 0 AS CHAR)`
  return `CAST(${named(name)} AS CHAR)`
}

/** Numbers unquoted, or the server would compare them as floating point; text by its bytes, whatever the session's settings. */
function keyLiteral({ type }: Column, text: string): string {
  if ((numeric.has(type) || numbered.has(type)) && /^-?\d+(\.\d+)?$/.test(text)) return text
  if (bytes.has(type)) return text === '' ? "''" : `x'${text}'`
  return `_utf8mb4 x'${Buffer.from(text, 'utf8').toString('hex')}'`
}

const keyColumn = ({ name, type }: Column) => (numbered.has(type) ? `(${named(name)} + 0)` : named(name))

const keyColumns = ({ key }: TableShape): string =>
  key.map((column, index) => `${keyText(column)} AS k${index}`).join(', ')

/** The bytes of the key as the table's triggers write them into a tombstone. */
const tombstoneKey = ({ key }: TableShape): string =>
  `CAST(CONCAT_WS(CHAR(31), ${key.map(({ name }) => named(name)).join(', ')}) AS BINARY) AS pk`

const order = ({ key }: TableShape): string => key.map(keyColumn).join(', ')

/**
 * Rows beyond a key, or up to and with it. Written out column by column, as the server finds no range of its index in a
 * comparison of tuples.
 */
function beyond({ key }: TableShape, { values }: RowKey, side: '>' | '<='): string {
  const strict = side === '>' ? '>' : '<'
  const literals = key.map((column, index) => keyLiteral(column, values[index] ?? ''))
  const terms = key.map((column, index) => {
    const same = key.slice(0, index).map((one, i) => `${keyColumn(one)} = ${literals[i]}`)
    const last = side === '<=' && index === key.length - 1 ? '<=' : strict
    return [...same, `${keyColumn(column)} ${last} ${literals[index]}`].join(' AND ')
  })
  const guard = key[0] && key.length > 1 ? `${keyColumn(key[0])} ${strict}= ${literals[0]} AND ` : ''
  return `${guard}(${terms.map((term) => `(${term})`).join(' OR ')})`
}

export function inRange(shape: TableShape, { from, to }: Range<RowKey>): string {
  const sides = [from === null ? null : beyond(shape, from, '>'), to === null ? null : beyond(shape, to, '<=')]
  return sides.filter((side) => side !== null).join(' AND ') || 'TRUE'
}

/**
 * Number of rows, and all their digests in one, whatever their order. The digest stands in a table of its own, so that it
 * is computed once; `hashed` counts those there are, since one that is NULL would go unseen.
 */
export const sumSql = (shape: TableShape, range: Range<RowKey>): string =>
  `SELECT /*+ NO_MERGE(d) */ COUNT(*) AS n, COUNT(digest) AS hashed, HEX(BIT_XOR(UNHEX(digest))) AS digest
   FROM (SELECT ${rowDigest(shape)} AS digest FROM ${tableName(shape.name)} WHERE ${inRange(shape, range)}) d`

export const keyAtSql = (shape: TableShape, range: Range<RowKey>, n: number): string =>
  `SELECT ${keyColumns(shape)}, ${tombstoneKey(shape)} FROM ${tableName(shape.name)}
   WHERE ${inRange(shape, range)} ORDER BY ${order(shape)} LIMIT 1 OFFSET ${n - 1}`

export const digestsSql = (shape: TableShape, range: Range<RowKey>): string =>
  `SELECT ${keyColumns(shape)}, ${tombstoneKey(shape)}, ${rowDigest(shape)} AS digest
   FROM ${tableName(shape.name)} WHERE ${inRange(shape, range)}`

function underKeys(shape: TableShape, keys: readonly RowKey[]): string {
  const tuples = keys.map(
    ({ values }) => `(${shape.key.map((column, i) => keyLiteral(column, values[i] ?? '')).join(', ')})`,
  )
  return `(${shape.key.map(keyColumn).join(', ')}) IN (${tuples.join(', ')})`
}

export const rowsSql = (shape: TableShape, keys: readonly RowKey[]): string =>
  `SELECT ${tombstoneKey(shape)}, CAST(drc_ver AS CHAR) AS version, ${rowDigest(shape)} AS digest
   FROM ${tableName(shape.name)} WHERE ${underKeys(shape, keys)}`

/** @param table `schema.table`, as the triggers name it. */
export const tombstonesSql = (table: string, keys: readonly RowKey[]): string =>
  `SELECT pk, CAST(drc_ver AS CHAR) AS version FROM ezone_drc.tombstone
   WHERE tbl = _utf8mb4 x'${Buffer.from(table, 'utf8').toString('hex')}'
     AND pk IN (${keys.map(({ id }) => (id === '' ? "''" : `x'${id}'`)).join(', ')})`

/** So much of a value is shown. */
export const shownChars = 1_000

/** One row, column by column: `h0` tells whether it is the same, `v0` what it is, for people. */
export function valuesSql(shape: TableShape, key: RowKey): string {
  const columns = shape.columns.map((column, index) => {
    const shown = isOpaque(column.type)
      ? `CONCAT('0x', HEX(${named(column.name)}))`
      : `CAST(${readable(column)} AS CHAR)`
    return `SHA2(${exact(column)}, 256) AS h${index}, LEFT(${shown}, ${shownChars}) AS v${index}`
  })
  return `SELECT ${columns.join(', ')} FROM ${tableName(shape.name)} WHERE ${underKeys(shape, [key])}`
}

const readable = ({ name, type }: Column) => (type === 'float' ? `CAST(${named(name)} AS DOUBLE)` : named(name))

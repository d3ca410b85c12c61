import type { SqlValue } from './types.ts'

/** `delivery.orders` or `order_id`, quoted. Names come from code, never from a request; what is none is a bug. */
export function quotedName(name: string): string {
  if (!/^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)?$/.test(name))
    throw new TypeError(`${name} is no name of a table or column`)
  return name
    .split('.')
    .map((part) => `\`${part}\``)
    .join('.')
}

/** The time now, milliseconds since 1970. SYSDATE: when it is evaluated, not when the statement began. */
export const nowMsSql = 'CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS UNSIGNED)'

export const fenceColumns = 'shard, zone, epoch, state, taken_epoch, lease_until_ms'

/** One row where a claim (shard, zone, epoch) is let through, else none: as `decideFence` decides, in the database. */
const letThrough = `FROM ezone.fence WHERE shard = ? AND zone = ? AND epoch = ? AND state = 'ACTIVE'
  AND lease_until_ms > ${nowMsSql} FOR SHARE`

/**
 * Passes the fence for a whole transaction, which it begins: one row found, or none. It stays locked, shared with other
 * writers, against a freeze. INTO: an answer without rows costs the least.
 */
export const passFence = `SELECT 1 ${letThrough} INTO @ezone_fence`

/** One row where this server of the Global Zone takes writes. It begins the transaction, and waits for nobody. */
export const passGlobal = `SELECT 1 FROM ezone.global_lease WHERE until_ms > ${nowMsSql}`

/** Texts by what they are made of: there are as many as the code has statements, and they are made for every write. */
const texts = new Map<string, string>()
const textsMax = 1_000

function once(key: string, make: () => string): string {
  const known = texts.get(key)
  if (known !== undefined) return known
  if (texts.size >= textsMax) texts.clear()
  const text = make()
  texts.set(key, text)
  return text
}

const into = (table: string, columns: readonly string[]) =>
  `INSERT INTO ${quotedName(table)} (${columns.map(quotedName).join(', ')})`
const places = (columns: readonly string[]) => columns.map(() => '?').join(', ')

export const insertRow = (table: string, columns: readonly string[]): string =>
  once(`row ${table} ${columns}`, () => `${into(table, columns)} VALUES (${places(columns)})`)

const equals = (columns: readonly string[], by: string) => columns.map((column) => `${quotedName(column)} = ?`).join(by)

export const selectForUpdate = (table: string, key: readonly string[]): string =>
  once(`take ${table} ${key}`, () => `SELECT * FROM ${quotedName(table)} WHERE ${equals(key, ' AND ')} FOR UPDATE`)

export const updateRows = (table: string, set: readonly string[], where: readonly string[]): string =>
  once(
    `update ${table} ${set} where ${where}`,
    () => `UPDATE ${quotedName(table)} SET ${equals(set, ', ')} WHERE ${equals(where, ' AND ')}`,
  )

/** Planted bug `no-fence`: the same statement for whoever comes. It does not touch the fence row: reading it would lock it. */
export const unfenced = (sql: string): string =>
  sql.replace(letThrough, 'FROM DUAL WHERE ? IS NOT NULL AND ? IS NOT NULL AND ? IS NOT NULL')

/** An insert that passes the fence by itself: one row, or none. */
export const insertFenced = (table: string, columns: readonly string[]): string =>
  once(`fenced ${table} ${columns}`, () => `${into(table, columns)} SELECT ${places(columns)} ${letThrough}`)

/** Text may change rows only within what opened the transaction, and never end it. */
export function mustBe(kind: 'read' | 'change', sql: string): void {
  const fits = kind === 'read' ? /^\s*(SELECT|WITH|SHOW|EXPLAIN)\b/i : /^\s*(INSERT|UPDATE|DELETE|REPLACE)\b/i
  if (!fits.test(sql)) throw new TypeError(`not a statement to ${kind} rows: ${sql.slice(0, 60)}`)
}

/** A row as parameters of an INSERT. Whole numbers go as text: a `SELECT ?` would make doubles of them. */
export const exact = (value: SqlValue): SqlValue => (Number.isInteger(value) ? String(value) : value)

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

export const equals = (columns: readonly string[], by: string): string =>
  columns.map((column) => `${quotedName(column)} = ?`).join(by)

/** The time now, milliseconds since 1970. SYSDATE: when it is evaluated, not when the statement began. */
export const nowMsSql = 'CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS UNSIGNED)'

export const fenceColumns = 'shard, zone, epoch, state, taken_epoch, lease_until_ms'

/** The fence row, shared with other writers, kept from a freeze until this transaction ends. */
export const fenceForShare = (shard: number): string =>
  `SELECT ${fenceColumns}, ${nowMsSql} AS now_ms FROM ezone.fence WHERE shard = ${shard} FOR SHARE`

/** Yields one row where a claim is let through, else none: the same decision as `decideFence`, in the database. */
export const fenceLetsThrough = `FROM ezone.fence WHERE shard = ? AND zone = ? AND epoch = ? AND state = 'ACTIVE'
  AND lease_until_ms > ${nowMsSql} FOR SHARE`

/** Text may change rows only within what opened the transaction, and never end it. */
export function mustBe(kind: 'read' | 'change', sql: string): void {
  const fits = kind === 'read' ? /^\s*(SELECT|WITH|SHOW|EXPLAIN)\b/i : /^\s*(INSERT|UPDATE|DELETE|REPLACE)\b/i
  if (!fits.test(sql)) throw new TypeError(`not a statement to ${kind} rows: ${sql.slice(0, 60)}`)
}

/** A row as parameters of an INSERT. Whole numbers go as text: a `SELECT ?` would make doubles of them. */
export const exact = (value: SqlValue): SqlValue => (Number.isInteger(value) ? String(value) : value)

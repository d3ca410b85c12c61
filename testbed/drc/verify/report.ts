import { EzoneError } from '@ezone/sdk/errors'

/** A row that is not the same in every zone, although each has applied what the others wrote. */
export interface Difference {
  readonly table: string
  /** Columns of the primary key. */
  readonly key: Readonly<Record<string, string>>
  /** `deleted`: one zone has the row, another has deleted it; `missing`: another has no trace of it. */
  readonly kind: 'contents' | 'deleted' | 'missing'
  readonly zones: Readonly<
    Record<string, { readonly state: 'row' | 'deleted' | 'absent'; readonly version: string | null }>
  >
  /** Columns whose values are not the same, each at most 1000 characters; empty where a zone has no row. */
  readonly columns: readonly { readonly name: string; readonly values: Readonly<Record<string, string | null>> }[]
}

export interface TableReport {
  readonly name: string
  /** Rows read, by zone. */
  readonly rows: Readonly<Record<string, number>>
  readonly differing: number
  /** Rows still on their way: newer than what the others had applied, and changed again whenever they had. */
  readonly pending: number
  /** Rows of which nothing can be said: the others did not catch up. */
  readonly unknown: number
  /** False where comparing ended before the table did. */
  readonly complete: boolean
  /** Whatever is not the same in the zones' definitions of it. */
  readonly problems: readonly string[]
}

export interface Unknown {
  readonly zone: string | null
  readonly table: string | null
  readonly reason: string
}

export interface VerifyReport {
  /** null: it could not be told. */
  readonly equal: boolean | null
  /** Those that were compared. */
  readonly zones: readonly string[]
  readonly tables: readonly TableReport[]
  readonly differences: readonly Difference[]
  readonly unknown: readonly Unknown[]
  readonly tookMs: number
}

/** A known difference says more than what is unknown beside it; what is unknown is never equal. */
export function isEqual(tables: readonly TableReport[], unknown: readonly Unknown[]): boolean | null {
  if (tables.some(({ differing, problems }) => differing > 0 || problems.length > 0)) return false
  return unknown.length > 0 || tables.some((table) => table.unknown > 0 || !table.complete) ? null : true
}

/** @throws EZ_ZONES_DIFFER, EZ_ZONES_UNKNOWN */
export function requireEqual(report: VerifyReport): void {
  if (report.equal === true) return
  const { tables, differences, unknown } = report
  if (report.equal === null) {
    const reasons = unknown.map(({ reason }) => reason).join('; ')
    throw new EzoneError('EZ_ZONES_UNKNOWN', `the zones could not be compared: ${reasons}`)
  }
  const rows = tables.reduce((sum, { differing }) => sum + differing, 0)
  const parts = [
    ...tables.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`)),
    ...differences.slice(0, namedMax).map(differenceText),
    ...(rows > namedMax ? [`and ${rows - namedMax} more`] : []),
  ]
  const many = rows === 0 ? 'tables differ' : rows === 1 ? '1 row differs' : `${rows} rows differ`
  throw new EzoneError('EZ_ZONES_DIFFER', `${many}: ${parts.join('; ')}`)
}

const namedMax = 5
const valueChars = 40

/** `delivery.orders order_id=7: amount_fen bj 2500, sh 4242`. */
export function differenceText({ table, key, zones, columns }: Difference): string {
  const row = `${table} ${Object.entries(key)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')}`
  const told =
    columns.length > 0
      ? columns.map(({ name, values }) => `${name} ${each(values, shorten)}`)
      : [each(zones, ({ state, version }) => (version === null ? state : `${state} (version ${version})`))]
  return `${row}: ${told.join(', ')}`
}

const each = <T>(values: Readonly<Record<string, T>>, text: (value: T) => string): string =>
  Object.entries(values)
    .map(([zone, value]) => `${zone} ${text(value)}`)
    .join(', ')

const shorten = (value: string | null) =>
  value === null ? 'NULL' : value.length > valueChars ? `${value.slice(0, valueChars)}…` : value

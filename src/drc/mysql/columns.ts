import { type DrcCell, EzoneError, type RowImage } from '@ezone/sdk/model'
import type { TableMapEntry } from '@vlasky/zongji'
import { jsonText } from './jsonb.ts'

/** Column types of the binlog (MySQL source, include/field_types.h). */
const types = {
  tiny: 1,
  float: 4,
  double: 5,
  longlong: 8,
  year: 13,
  bit: 16,
  time: 19,
  vector: 242,
  json: 245,
  blob: 252,
  geometry: 255,
} as const

type Read = (value: unknown) => DrcCell

/** Reads one row of a table, column by column. */
export type ReadRow = (row: Readonly<Record<string, unknown>>) => RowImage

/**
 * The library reads most values exactly, but not all: JSON loses the difference between 1 and 1.0, negative TIMEs carry
 * wrongly, the year 0 becomes 1900, a geometry loses its reference system. Of those it is made to hand over the bytes, by
 * describing the column as one of bytes, and they are read here.
 *
 * @param entry the library's description of the table, of this transaction; changed in place.
 */
export function rowReader(entry: TableMapEntry): ReadRow {
  const readers = (entry.columns ?? []).map((column, index): readonly [string, Read] => {
    const reader = asBytes(column, entry.columnSchemas[index]) ?? asIs
    return [column.name, reader]
  })
  return (row) =>
    Object.fromEntries(
      readers.map(([name, read]) => {
        const value = row[name]
        if (value === undefined)
          throw new EzoneError('EZ_DRC_UNDECODABLE', `a value of ${entry.parentSchema}.${entry.tableName}.${name}`)
        return [name, value === null ? null : read(value)]
      }),
    )
}

type Column = NonNullable<TableMapEntry['columns']>[number]
type Schema = TableMapEntry['columnSchemas'][number] | undefined

function asBytes(column: Column, schema: Schema): Read | undefined {
  switch (column.type) {
    case types.longlong:
      return String
    case types.json:
      asBlob(column)
      return (value) => jsonText(value as Buffer)
    case types.geometry:
      asBlob(column)
      return asIs
    case types.time: {
      const decimals = Number(column.metadata.decimals ?? 0)
      column.type = types.bit
      column.metadata = { bits: 8 * (3 + Math.ceil(decimals / 2)) }
      return (value) => timeText(value as Buffer, decimals)
    }
    case types.year:
      column.type = types.tiny
      if (schema) schema.UNSIGNED = true
      return (value) => (value === 0 ? 0 : Number(value) + 1900)
    default:
      return undefined
  }
}

function asBlob(column: Column): void {
  column.type = types.blob
  column.charset = null
}

const asIs: Read = (value) => {
  if (Buffer.isBuffer(value)) return { base64: value.toString('base64') }
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'string' || typeof value === 'number') return value
  throw new EzoneError('EZ_DRC_UNDECODABLE', `a value of type ${typeof value}`)
}

/** Types whose description the library cannot even skip. */
export const hasUnreadableColumn = (columnTypes: readonly number[]): boolean => columnTypes.includes(types.vector)

/**
 * TIME as it is stored: big-endian, offset so that it sorts; sign 1 bit, unused 1, hours 10, minutes 6, seconds 6, then
 * the fraction in 0 to 3 bytes (MySQL source, my_time_packed_to_binary).
 */
export function timeText(bytes: Buffer, decimals: number): string {
  const fractionBytes = Math.ceil(decimals / 2)
  const packed = bytes.readUIntBE(0, 3 + fractionBytes) - 0x800000 * 2 ** (8 * fractionBytes)
  const absolute = Math.abs(packed)
  const whole = Math.floor(absolute / 2 ** (8 * fractionBytes))
  const fraction = absolute % 2 ** (8 * fractionBytes)
  const two = (value: number) => String(value).padStart(2, '0')
  const digits = String(fraction)
    .padStart(2 * fractionBytes, '0')
    .slice(0, decimals)
  const text = `${two((whole >> 12) & 0x3ff)}:${two((whole >> 6) & 0x3f)}:${two(whole & 0x3f)}`
  return `${packed < 0 ? '-' : ''}${text}${decimals > 0 ? `.${digits}` : ''}`
}

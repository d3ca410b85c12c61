import { type DrcCell, EzoneError, type RowImage } from '@ezone/sdk/model'
import type { RowKey, Shapes, TableShape } from './types.ts'

const separator = '\x1f'

/** The primary key as text, as the triggers write it into `ezone_drc.tombstone`. @throws EZ_DRC_UNFIT_TABLE */
export function keyText(table: string, shape: TableShape, image: RowImage): string {
  return shape.key.map((column) => text(table, column, image[column])).join(separator)
}

function text(table: string, column: string, cell: DrcCell | undefined): string {
  if (typeof cell === 'string') return cell
  if (typeof cell === 'number') return String(cell)
  throw new EzoneError('EZ_DRC_UNFIT_TABLE', `key column ${column} of ${table} has no value that is text or a number`)
}

/** One string for a key, for maps. */
export const keyId = ({ table, pk }: RowKey): string => `${table}${separator}${pk}`

/** @throws EZ_DRC_UNFIT_TABLE where the table is not here, or not replicated */
export function shapeOf(shapes: Shapes, table: string): TableShape {
  const shape = shapes(table)
  if (shape === undefined)
    throw new EzoneError('EZ_DRC_UNFIT_TABLE', `${table} is not a table that is replicated in this zone`)
  return shape
}

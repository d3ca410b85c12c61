import { type DrcCell, EzoneError, type LogRow, type RowImage } from '@ezone/sdk/model'
import { keyId, keyText } from './keys.ts'
import type { Shapes, SourceChange, TableShape, Version } from './types.ts'

/** Where triggers note the version of a delete: columns tbl, pk, drc_ver. */
export const tombstoneTable = 'ezone_drc.tombstone'

const zoneMask = 15n

export interface Origin {
  /** Number of this zone, 1..15; null where versions of any zone will do. */
  readonly zone: number | null
  readonly shapes: Shapes
}

/**
 * What a transaction made here changed, as the log carries it: each change with the version its own write gave it. A
 * delete has none in its image, so it takes the one of the tombstone that its trigger wrote in the same transaction: the
 * n-th delete of a key the n-th of its tombstones. A change of a key is a delete and an insert.
 *
 * Tables that are not replicated are left out. What is replicated but cannot be carried ends with an error, for a change
 * left out is a divergence.
 *
 * @throws EZ_DRC_UNFIT_TABLE no version, the version of another zone (its trigger is missing), a delete without a tombstone
 */
export function ownRows(changes: readonly SourceChange[], { zone, shapes }: Origin): readonly LogRow[] {
  const tombstones = tombstonesOf(changes)
  return changes.flatMap((change) => {
    const shape = shapes(change.table)
    if (shape === undefined) return []
    return stepsOf(change, shape).map((step): LogRow => {
      const ver = step.op === 'delete' ? takeTombstone(tombstones, step, shape) : versionOf(step.table, step.after)
      if (zone !== null && Number(ver & zoneMask) !== zone)
        throw unfit(step.table, `a version of zone ${ver & zoneMask} was written in zone ${zone}`)
      return { ...step, ver: String(ver) }
    })
  })
}

/** The version in a row image. @throws EZ_DRC_UNFIT_TABLE */
export function versionOf(table: string, image: RowImage | null): Version {
  const cell = image?.drc_ver
  if (typeof cell !== 'string' && typeof cell !== 'number') throw unfit(table, 'a row has no drc_ver')
  return BigInt(cell)
}

function stepsOf(change: SourceChange, shape: TableShape): readonly SourceChange[] {
  const { table, op, before, after } = change
  if (op !== 'update' || before === null || after === null) return [change]
  if (keyText(table, shape, before) === keyText(table, shape, after)) return [change]
  return [
    { table, op: 'delete', before, after: null },
    { table, op: 'insert', before: null, after },
  ]
}

function tombstonesOf(changes: readonly SourceChange[]): Map<string, Version[]> {
  const found = new Map<string, Version[]>()
  for (const { table, after } of changes) {
    if (table !== tombstoneTable || after === null) continue
    const id = keyId({ table: plain(after.tbl), pk: plain(after.pk) })
    const versions = found.get(id) ?? []
    versions.push(versionOf(table, after))
    found.set(id, versions)
  }
  return found
}

function takeTombstone(found: ReadonlyMap<string, Version[]>, change: SourceChange, shape: TableShape): Version {
  const { table, before } = change
  const pk = keyText(table, shape, before ?? {})
  const ver = found.get(keyId({ table, pk }))?.shift()
  if (ver === undefined) throw unfit(table, `a delete of ${pk} has left no tombstone`)
  return ver
}

/** The key is VARBINARY, so it comes as bytes. */
const plain = (cell: DrcCell | undefined) =>
  typeof cell === 'object' && cell !== null ? Buffer.from(cell.base64, 'base64').toString('utf8') : String(cell)

const unfit = (table: string, why: string) =>
  new EzoneError('EZ_DRC_UNFIT_TABLE', `${table} cannot be replicated: ${why}`)

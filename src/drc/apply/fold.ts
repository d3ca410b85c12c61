import type { RowImage } from '@ezone/sdk/model'
import { keyId } from '../core/keys.ts'
import type { RowKey, RowWrite, Version } from '../core/types.ts'

/** What is left to do for a key after all writes of a plan: at most one row statement, and its tombstone. */
export interface KeyWrite extends RowKey {
  /** Whether there was a row before the plan. */
  readonly existed: boolean
  /** The row after it; null: none. */
  readonly row: RowImage | null
  /** Version of the last delete among the writes; null where there was none. */
  readonly tombstone: Version | null
}

/** A row that a batch touches ten times is written once. */
export function fold(writes: readonly RowWrite[]): readonly KeyWrite[] {
  const folded = new Map<string, KeyWrite>()
  for (const { table, pk, op, row, ver } of writes) {
    const id = keyId({ table, pk })
    const earlier = folded.get(id)
    const gone = op === 'delete' || op === 'bury'
    folded.set(id, {
      table,
      pk,
      existed: earlier ? earlier.existed : op === 'update' || op === 'delete',
      row,
      tombstone: gone ? ver : (earlier?.tombstone ?? null),
    })
  }
  return [...folded.values()]
}

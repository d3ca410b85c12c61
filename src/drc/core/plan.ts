import type { LogRow, RowImage } from '@ezone/sdk/model'
import { keyId, keyText, shapeOf } from './keys.ts'
import { versionOf } from './own-rows.ts'
import { registerOf, resolve } from './resolve.ts'
import type {
  Conflict,
  Incoming,
  LocalRow,
  LoggedTransaction,
  Plan,
  Resolution,
  RowKey,
  RowWrite,
  Shapes,
} from './types.ts'

/** What the target has under the keys of a batch, all of them locked. */
export interface Locals {
  readonly local: (key: RowKey) => LocalRow
  /** By shard: epoch of the last unplanned takeover where this zone owns the shard now; otherwise 0. */
  readonly takenEpoch: (shard: number) => number
}

/** The changes of a batch in order, addressed by key. @throws EZ_DRC_UNFIT_TABLE */
export function incomingOf(transactions: readonly LoggedTransaction[], shapes: Shapes): readonly Incoming[] {
  return transactions.flatMap(({ rows }) => rows.map((row) => toIncoming(row, shapes)))
}

function toIncoming({ table, op, before, after, ver }: LogRow, shapes: Shapes): Incoming {
  const image = after ?? before ?? {}
  return {
    table,
    pk: keyText(table, shapeOf(shapes, table), image),
    op,
    ver: BigInt(ver),
    beforeVer: before === null ? 0n : versionOf(table, before),
    before,
    after,
    shard: Number(image.shard ?? 0),
    epoch: Number(image.epoch ?? 0),
  }
}

/**
 * Thinks a batch through. A row that it touches more than once is decided against what the batch itself has made of it, so
 * the outcome is that of applying the changes one by one.
 */
export function planBatch(
  changes: readonly Incoming[],
  { local, takenEpoch }: Locals,
  decide: typeof resolve = resolve,
): Plan {
  const rows = new Map<string, LocalRow>()
  const writes: RowWrite[] = []
  const conflicts: Conflict[] = []
  for (const incoming of changes) {
    const id = keyId(incoming)
    const here = rows.get(id) ?? local(incoming)
    const resolution = decide({ incoming, local: here, takenEpoch: takenEpoch(incoming.shard) })
    if (resolution.loser !== null) conflicts.push(conflictOf(incoming, here, resolution))
    if (resolution.verdict !== 'apply') continue
    writes.push(writeOf(incoming, here))
    rows.set(id, after(incoming, here))
  }
  return { writes, conflicts }
}

function writeOf({ table, pk, op, ver, after: row }: Incoming, here: LocalRow): RowWrite {
  const there = here.row !== null
  if (op === 'delete') return { table, pk, op: there ? 'delete' : 'bury', row: null, ver }
  return { table, pk, op: there ? 'update' : 'insert', row, ver }
}

function after({ op, ver, after: row }: Incoming, { tombstone }: LocalRow): LocalRow {
  return op === 'delete' ? { row: null, ver: 0n, tombstone: ver } : { row, ver, tombstone }
}

function conflictOf(incoming: Incoming, here: LocalRow, { loser, lock }: Resolution): Conflict {
  const { table, pk, ver } = incoming
  const hereVer = registerOf(here)
  // Of a delete the row that it removed says more than nothing; of one that was made here it is gone.
  const incomingImage: RowImage | null = incoming.after ?? incoming.before
  if (loser === 'local')
    return { table, pk, loser, lock, winnerVer: ver, loserVer: hereVer, winner: incoming.after, loserImage: here.row }
  return {
    table,
    pk,
    loser: 'incoming',
    lock,
    winnerVer: hereVer,
    loserVer: ver,
    winner: here.row,
    loserImage: incomingImage,
  }
}

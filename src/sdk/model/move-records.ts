import type { HistoryEntry, ShardMove } from './contracts/truth.ts'
import { applyStep, type MoveStep, type StepDetails } from './shard-states.ts'
import type { RoutingTable } from './table.ts'

/** What one step of a move writes beside the move itself, all of it in one transaction. */
interface StepRecords {
  readonly table: RoutingTable
  readonly entry: HistoryEntry
}

/**
 * The table after a step, and what its history says of it.
 * @param move as it will be: its `who`, and `reason` or `why`, go into the history
 * @throws EZ_ILLEGAL_STATE, EZ_UNKNOWN_SHARD
 */
export function stepRecords(
  table: RoutingTable,
  move: ShardMove,
  step: MoveStep,
  details: StepDetails = {},
): StepRecords {
  const after = applyStep(table, move.shard, step, details)
  const entry: HistoryEntry = {
    version: after.version,
    who: move.who,
    why: `${move.step}: ${move.reason ?? move.why}`,
    atMs: move.steps.at(-1)?.atMs ?? 0,
    changes: [{ shard: move.shard, before: owner(table, move.shard), after: owner(after, move.shard) }],
  }
  return { table: after, entry }
}

function owner({ shards }: RoutingTable, shard: number): HistoryEntry['changes'][number]['before'] {
  const entry = shards.find((s) => s.shard === shard)
  return { zone: entry?.zone ?? '', state: entry?.state ?? 'ACTIVE', epoch: entry?.epoch ?? 0 }
}

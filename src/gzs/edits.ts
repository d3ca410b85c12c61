import {
  applyStep,
  type HistoryEntry,
  type MoveStep,
  type RoutingTable,
  type ShardMove,
  type StepDetails,
  truthPaths,
} from '@ezone/sdk'
import { op, type Stat } from '@ezone/sdk/zookeeper'
import { History } from './history.ts'
import { type Held, noMajority, type Truth } from './truth.ts'

export interface StepEdit {
  readonly table: Held<RoutingTable>
  /** The move as it will be; its `who` and `why` go into the history. */
  readonly move: ShardMove
  /** The move as it was read; undefined where the shard was never moved. */
  readonly was: Held<ShardMove> | undefined
  readonly step: MoveStep
  readonly details: StepDetails
}

const movePath = (shard: number) => `${truthPaths.moves}/${shard}`

/**
 * One step of a move: table, history and move in one transaction, or nothing. @throws ZookeeperError BAD_VERSION or
 * NODE_EXISTS where somebody else was faster
 */
export async function recordStep(truth: Truth, { table, move, was, step, details }: StepEdit): Promise<void> {
  const next = applyStep(table.value, move.shard, step, details)
  const entry = historyEntry(table.value, next, move)
  const moveText = JSON.stringify(move)
  const path = movePath(move.shard)
  const results = await truth.zookeeper.multi([
    op.set(truthPaths.table, JSON.stringify(next), table.stat.version),
    was === undefined ? op.create(path, moveText) : op.set(path, moveText, was.stat.version),
    History.op(entry),
  ])
  truth.adoptTable(next, results[0] as Stat)
  const written = results[1] as Stat | { readonly stat: Stat }
  truth.adoptMove(move, 'stat' in written ? written.stat : written)
  await truth.history.prune(next.version)
}

/** Changes a move and nothing else, as long as table and move are as they were read. */
export async function recordMove(truth: Truth, was: Held<ShardMove>, move: ShardMove): Promise<void> {
  const [, stat] = await truth.zookeeper.multi([
    op.check(truthPaths.table, truth.table.stat.version),
    op.set(movePath(move.shard), JSON.stringify(move), was.stat.version),
  ])
  if (stat === null) throw noMajority('the ensemble did not tell what it has written')
  truth.adoptMove(move, stat)
}

function historyEntry(before: RoutingTable, after: RoutingTable, move: ShardMove): HistoryEntry {
  const owner = (table: RoutingTable) => {
    const entry = table.shards.find((s) => s.shard === move.shard)
    return { zone: entry?.zone ?? '', state: entry?.state ?? 'ACTIVE', epoch: entry?.epoch ?? 0 }
  }
  const changes = [{ shard: move.shard, before: owner(before), after: owner(after) }]
  return {
    version: after.version,
    who: move.who,
    why: `${move.step}: ${move.reason ?? move.why}`,
    atMs: at(move),
    changes,
  }
}

const at = ({ steps }: ShardMove) => steps.at(-1)?.atMs ?? 0

import {
  type MoveStep,
  type RoutingTable,
  type ShardMove,
  type StepDetails,
  stepRecords,
  switchPath,
  truthPaths,
  type ZoneSwitch,
} from '@ezone/sdk'
import { op, type Stat } from '@ezone/sdk/zookeeper'
import { History } from './history.ts'
import { limits } from './limits.ts'
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
  const { table: next, entry } = stepRecords(table.value, move, step, details)
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

/**
 * Records a switch as the next after those that are there. @throws ZookeeperError NODE_EXISTS where somebody else was
 * faster: two never run at once, as each number is given once and only when the one before it has ended
 */
export async function createSwitch(truth: Truth, record: ZoneSwitch): Promise<void> {
  const path = switchPath(record.id)
  const [created] = await truth.zookeeper.multi([op.create(path, JSON.stringify(record))])
  if (created === null || created === undefined) throw noMajority('the ensemble did not tell what it has written')
  truth.adoptSwitch(path, record, 'stat' in created ? created.stat : created)
  // The next switch tries again where this fails.
  for (const { value } of truth.switches.slice(limits.switchesKept))
    await truth.zookeeper.delete(switchPath(value.id)).catch(() => {})
}

/** Changes a switch, as long as it is as it was read. @throws ZookeeperError BAD_VERSION */
export async function recordSwitch(truth: Truth, was: Held<ZoneSwitch>, record: ZoneSwitch): Promise<void> {
  const path = switchPath(record.id)
  const stat = await truth.zookeeper.setData(path, JSON.stringify(record), was.stat.version)
  truth.adoptSwitch(path, record, stat)
}

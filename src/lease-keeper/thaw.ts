import {
  historyPath,
  type ServiceContext,
  type ShardEntry,
  type ShardMove,
  shardMoveSchema,
  stepRecords,
  truthPaths,
} from '@ezone/sdk'
import { op, ZookeeperError } from '@ezone/sdk/zookeeper'
import { limits } from './limits.ts'
import type { HeldTable, Truth } from './truth.ts'

export interface ThawOptions extends Pick<ServiceContext, 'clock' | 'log'> {
  readonly zone: string
  readonly truth: Truth
}

/**
 * Rolls back a move of one of this zone's shards that should have ended long ago: then no GZS lives to do it, and a shard
 * must not stay frozen for that. It is the same transaction that GZS would make, so of two who try one succeeds.
 */
export async function thaw({ zone, truth, clock, log }: ThawOptions, held: HeldTable): Promise<void> {
  const nowMs = clock.nowMs()
  for (const entry of held.table.shards) {
    if (!isOverdue(entry, zone, nowMs)) continue
    try {
      if (await rollBack(truth, held, entry, nowMs, zone))
        log.warn({ shard: entry.shard, id: entry.move?.id }, 'nobody ended a move of this shard: it is active again')
      // The next one is decided on the table that this has made.
      return
    } catch (error) {
      // Somebody else ended it, or there is no majority now: what became of it is read with the table.
      if (!ZookeeperError.is(error)) throw error
    }
  }
}

const isOverdue = ({ zone, move }: ShardEntry, own: string, nowMs: number) =>
  zone === own && move !== undefined && nowMs > move.expiresAtMs + limits.overdueMs

async function rollBack(
  { zookeeper }: Truth,
  { table, nodeVersion }: HeldTable,
  entry: ShardEntry,
  nowMs: number,
  zone: string,
): Promise<boolean> {
  const path = `${truthPaths.moves}/${entry.shard}`
  const { data, stat } = await zookeeper.getData(path)
  const move = shardMoveSchema.parse(JSON.parse(data.toString('utf8')))
  if (move.id !== entry.move?.id || move.outcome !== null) return false
  const after: ShardMove = {
    ...move,
    step: 'roll-back',
    steps: [...move.steps, { step: 'roll-back', atMs: nowMs }],
    controller: `${zone}-lease-keeper`,
    outcome: 'rolled-back',
    endedAtMs: nowMs,
    reason: `no GZS ended it; ${zone} took it back`,
  }
  const { table: next, entry: history } = stepRecords(table, after, 'roll-back')
  await zookeeper.multi([
    op.set(truthPaths.table, JSON.stringify(next), nodeVersion),
    op.set(path, JSON.stringify(after), stat.version),
    op.create(historyPath(next.version), JSON.stringify(history)),
  ])
  return true
}

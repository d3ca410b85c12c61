import { z } from 'zod'
import { barrierSchema, moveModes, shardStates } from '../table.ts'

/** Where the truth stands in the global ensemble. Whoever changes it does so with the versions it has read. */
export const truthPaths = {
  /** The routing table, as JSON. */
  table: '/ezone/table',
  history: '/ezone/history',
  /** Per shard its running move, or the last one. */
  moves: '/ezone/moves',
  /** Per zone what its lease-keeper has made true. */
  fences: '/ezone/fences',
  /** Per zone the last time its lease-keeper wrote to a majority. */
  leases: '/ezone/leases',
  /** Of whole zones, numbered: each is begun only when the one before it has ended. */
  switches: '/ezone/switches',
  /** Per shard that was taken, what was acknowledged and had not arrived. */
  suspects: '/ezone/suspects',
  /** Per GZS what it sees of the zones; gone with its session. Only where a zone may be left without a person. */
  views: '/ezone/views',
  /** Which zone's MySQL takes the writes of the Global Zone. */
  global: '/ezone/global',
} as const

/** `/ezone/history/0000000017` */
export const historyPath = (version: number): string => `${truthPaths.history}/${String(version).padStart(10, '0')}`

/** `/ezone/switches/0000000003` */
export const switchPath = (id: string): string =>
  `${truthPaths.switches}/${id.replace(/^switch-/, '').padStart(10, '0')}`

const owner = z.object({ zone: z.string(), state: z.enum(shardStates), epoch: z.int() })

/** One change of the table: who made it, why, and what it did to each shard it touched. */
export const historyEntrySchema = z.object({
  version: z.int(),
  who: z.string(),
  why: z.string(),
  atMs: z.int(),
  changes: z.array(z.object({ shard: z.int(), before: owner, after: owner })),
})
export type HistoryEntry = z.output<typeof historyEntrySchema>

/**
 * A move of one shard. Its last step is what the table says now; `outcome` is null while it runs. `unconfirmed`: the
 * table has moved the shard, but the zone it went to has not said that it knows.
 */
export const shardMoveSchema = z.object({
  id: z.string(),
  shard: z.int(),
  from: z.string(),
  to: z.string(),
  mode: z.enum(moveModes),
  who: z.string(),
  why: z.string(),
  step: z.string(),
  steps: z.array(z.object({ step: z.string(), atMs: z.int() })),
  barrier: barrierSchema.nullable(),
  expiresAtMs: z.int(),
  /** The GZS that drives it, such as `edge-1`. Another one does when this one has no session any more. */
  controller: z.string(),
  outcome: z.enum(['moved', 'rolled-back', 'unconfirmed']).nullable(),
  endedAtMs: z.int().nullable(),
  /** Why it was rolled back or is unconfirmed. */
  reason: z.string().nullable(),
})
export type ShardMove = z.output<typeof shardMoveSchema>

/** What the fence rows of a zone say now, by shard. */
export const fenceAcksSchema = z.object({
  /** Of the table all rows agree with. */
  version: z.int(),
  atMs: z.int(),
  shards: z.record(z.string(), z.object({ epoch: z.int(), state: z.enum(shardStates) })),
  /** Of shards this zone has frozen, or that were taken from it: no write under an older epoch can be after this point. */
  barrier: z.record(z.string(), barrierSchema),
  /** Of shards that drain towards this zone: the epoch under which the barrier has been reached. */
  drained: z.record(z.string(), z.int()),
  /**
   * Of shards this zone took: the epoch of the takeover, once everything that others had written before they knew of it
   * is here, and every conflict with it is locked.
   */
  settled: z.record(z.string(), z.int()).default({}),
})
export type FenceAcks = z.output<typeof fenceAcksSchema>

import { z } from 'zod'
import { moveModes } from '../table.ts'
import { historyEntrySchema, shardMoveSchema } from './truth.ts'

/** POST /moves of GZS. */
export const moveRequestSchema = z.strictObject({
  shard: z.int().min(1),
  to: z.string().min(1),
  mode: z.enum(moveModes).default('planned'),
  who: z.string().min(1).max(100),
  why: z.string().min(1).max(500),
})
export type MoveRequest = z.output<typeof moveRequestSchema>

/** 202: the move `id` is recorded and runs. 200 with `id` null: the shard is there already. */
export const moveAcceptedSchema = z.object({
  id: z.string().nullable(),
  shard: z.int(),
  /** True where the same move ran already, begun by somebody else or by a controller that died. */
  joined: z.boolean(),
})
export type MoveAccepted = z.output<typeof moveAcceptedSchema>

/** GET /moves/:shard: the running move, else the last one; null where the shard was never moved. */
export const moveAnswerSchema = z.object({ move: shardMoveSchema.nullable() })

/** GET /unsettled: shards that were taken without asking, and of which more may be on its way to their zone. */
export const unsettledAnswerSchema = z.object({ shards: z.array(z.int()) })

/** GET /history, newest first. */
export const historyAnswerSchema = z.object({ entries: z.array(historyEntrySchema) })

/** A subscriber, and what it said last. */
export const subscriberSchema = z.object({
  name: z.string(),
  kind: z.string(),
  place: z.string(),
  /** Version of the table it acts under; null where it never said. */
  version: z.int().nullable(),
  /** When it said so, milliseconds since 1970. */
  ackedAtMs: z.int().nullable(),
  /** Whether its stream is open. */
  connected: z.boolean(),
  /** Place of the GZS it is with. */
  gzs: z.string(),
})
export type Subscriber = z.output<typeof subscriberSchema>

/** GET /subscribers: of every GZS that answers. With `?own=1` of the asked one alone. */
export const subscribersAnswerSchema = z.object({
  version: z.int(),
  subscribers: z.array(subscriberSchema),
  /** Places whose GZS did not answer: their subscribers are not known. */
  silent: z.array(z.string()),
})
export type SubscribersAnswer = z.output<typeof subscribersAnswerSchema>

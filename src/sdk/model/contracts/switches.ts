import { z } from 'zod'

/** How a zone gives its shards away: asked, with nothing lost; or not asked, as it is lost or cut off. */
export const switchModes = ['planned', 'hard'] as const
export type SwitchMode = (typeof switchModes)[number]

/** POST /switches of GZS. */
export const switchRequestSchema = z.strictObject({
  from: z.string().min(1),
  to: z.string().min(1),
  mode: z.enum(switchModes).default('planned'),
  /** Empty: all that `from` serves. */
  shards: z.array(z.int().min(1)).max(1_000).default([]),
  /** One shard first; the others when it has arrived. */
  canary: z.boolean().default(false),
  who: z.string().min(1).max(100),
  why: z.string().min(1).max(500),
})
export type SwitchRequest = z.output<typeof switchRequestSchema>

/** A write of an order that a client was told was done. */
export const suspectSchema = z.object({ orderId: z.string(), version: z.string() })
export type Suspect = z.output<typeof suspectSchema>

/**
 * What the edge had acknowledged of a shard that was taken, and had not arrived in the zone that took it: written there,
 * by that zone's lease-keeper, before it let anybody write the shard.
 */
export const suspectsSchema = z.object({
  shard: z.int(),
  zone: z.string(),
  /** Of the takeover. */
  epoch: z.int(),
  atMs: z.int(),
  /** False where a router did not answer, or had forgotten: there may be more. */
  complete: z.boolean(),
  /** The first of them, oldest first; `count` says how many there are. */
  orders: z.array(suspectSchema),
  count: z.int(),
})
export type Suspects = z.output<typeof suspectsSchema>

/** One shard of a switch. What became of it is copied from its move when that has ended. */
export const switchPartSchema = z.object({
  shard: z.int(),
  /** How often its move was begun; a move that was rolled back is begun once more. */
  attempt: z.int(),
  /** `there`: it was in the other zone already. `refused`: its move could not begin. `stayed`: it was never begun. */
  outcome: z.enum(['moved', 'there', 'unconfirmed', 'rolled-back', 'refused', 'stayed']).nullable(),
  reason: z.string().nullable(),
  /** Under which it is served now; null while it is on its way, and where it stays. */
  epoch: z.int().nullable(),
  steps: z.array(z.object({ step: z.string(), atMs: z.int() })),
  /** Hard: how many acknowledged writes had not arrived; null where it is not known, or nothing was taken. */
  suspects: z.int().nullable(),
})
export type SwitchPart = z.output<typeof switchPartSchema>

/** A switch as it stands in the truth; `outcome` is null while it runs. */
export const switchSchema = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  mode: z.enum(switchModes),
  canary: z.boolean(),
  who: z.string(),
  why: z.string(),
  startedAtMs: z.int(),
  /** After this no further shard is begun. */
  expiresAtMs: z.int(),
  /** The GZS that drives it. Another one does when this one has no session any more. */
  controller: z.string(),
  parts: z.array(switchPartSchema).min(1),
  /** What was acknowledged and had not arrived, of all shards; at most some thousand of them. */
  suspects: z.array(suspectSchema),
  /** null: planned, or not looked yet. */
  suspectsComplete: z.boolean().nullable(),
  /** `stopped`: some shards stay where they were; the parts say which, and why. */
  outcome: z.enum(['switched', 'stopped']).nullable(),
  endedAtMs: z.int().nullable(),
  reason: z.string().nullable(),
})
export type ZoneSwitch = z.output<typeof switchSchema>

/** 202. `joined`: the same switch runs already. 200 with `id` null: nothing is left to be moved. */
export const switchAcceptedSchema = z.object({ id: z.string().nullable(), joined: z.boolean() })
export type SwitchAccepted = z.output<typeof switchAcceptedSchema>

/** GET /switches/:id; with the moves of its shards as they are now, for those who follow it. */
export const switchAnswerSchema = z.object({ switch: switchSchema.nullable() })

/** GET /switches, newest first. */
export const switchesAnswerSchema = z.object({ switches: z.array(switchSchema) })

/** The id of the move of one of its shards: whoever goes on with a switch begins no move twice. */
export const switchMoveId = (id: string, { shard, attempt }: Pick<SwitchPart, 'shard' | 'attempt'>): string =>
  `${id}.${shard}.${attempt}`

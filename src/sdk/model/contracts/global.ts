import { z } from 'zod'

/** Where the truth about the Global Zone stands in the global ensemble, beside its record (`truthPaths.global`). */
export const globalPaths = {
  /** Per zone what its lease-keeper has made true of the zone's server. */
  acks: '/ezone/global-acks',
  /** The last time that the master's lease-keeper wrote to a majority, and until when its server may take writes. */
  lease: '/ezone/global-lease',
} as const

/** ACTIVE: its master takes writes. Else nobody does; see global-steps.ts for which follows which. */
export const globalStates = ['ACTIVE', 'FROZEN', 'DRAINING', 'TAKEOVER'] as const
export type GlobalState = (typeof globalStates)[number]

export const globalModes = ['planned', 'hard'] as const
export type GlobalMode = (typeof globalModes)[number]

/** A move of the master; `outcome` is null while it runs. `unconfirmed`: it is moved, but the new zone has not said so. */
export const globalMoveSchema = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  mode: z.enum(globalModes),
  who: z.string(),
  why: z.string(),
  /** Whether every acknowledged write was in every zone when it began: then a hard move loses none of them. */
  covered: z.boolean(),
  steps: z.array(z.object({ step: z.string(), atMs: z.int() })),
  /** What the old master had executed when it took writes no more: a GTID set. Planned moves only. */
  barrier: z.string().nullable(),
  expiresAtMs: z.int(),
  /** The GZS that drives it, such as `edge-1`. */
  controller: z.string(),
  outcome: z.enum(['moved', 'rolled-back', 'unconfirmed']).nullable(),
  endedAtMs: z.int().nullable(),
  reason: z.string().nullable(),
})
export type GlobalMove = z.output<typeof globalMoveSchema>

/** The record: who is the master, under which epoch. */
export const globalZoneSchema = z.object({
  master: z.string(),
  epoch: z.int(),
  state: z.enum(globalStates).default('ACTIVE'),
  /** True where a write is acknowledged only when every other zone has received it. */
  covered: z.boolean().default(false),
  /** The running move, or the last one. */
  move: globalMoveSchema.nullable().default(null),
})
export type GlobalZone = z.output<typeof globalZoneSchema>

/** What a server had that the new master never saw. It was put aside before the server was made anew. */
export const keptAsideSchema = z.object({
  /** The transactions, as a GTID set. */
  gtids: z.string(),
  /** Rows that stood in it otherwise than at the new master. */
  rows: z.int(),
  /** Where they stand, one JSON a line, on the machine of that zone's lease-keeper. */
  file: z.string(),
  atMs: z.int(),
})
export type KeptAside = z.output<typeof keptAsideSchema>

/** What a zone's lease-keeper has made true of its server, under which epoch. */
export const globalAckSchema = z.object({
  epoch: z.int(),
  role: z.enum(['master', 'stopped', 'replica']),
  /** Of a replica: whether it follows the master. */
  following: z.boolean(),
  /** Of a server that was stopped: what it had executed then. */
  executed: z.string().nullable(),
  /** Of the target of a planned move: the epoch under which it had executed all of the barrier. */
  drained: z.int(),
  /** Why it is not what it shall be; empty where it is. */
  trouble: z.string(),
  keptAside: keptAsideSchema.nullable(),
  atMs: z.int(),
})
export type GlobalAck = z.output<typeof globalAckSchema>

/** POST /global-moves of GZS. */
export const globalMoveRequestSchema = z.strictObject({
  to: z.string().min(1),
  mode: z.enum(globalModes).default('planned'),
  who: z.string().min(1).max(100),
  why: z.string().min(1).max(500),
  /** Hard, under policy `strict`: also where writes were acknowledged that the target may not have. */
  acceptLoss: z.boolean().default(false),
})
export type GlobalMoveRequest = z.output<typeof globalMoveRequestSchema>

/** 202: the move `id` is recorded and runs. 200 with `id` null: the zone is the master already. */
export const globalMoveAcceptedSchema = z.object({ id: z.string().nullable(), joined: z.boolean() })
export type GlobalMoveAccepted = z.output<typeof globalMoveAcceptedSchema>

/** GET /global-moves: the record, and what each zone has made of it. */
export const globalStatusSchema = z.object({ zone: globalZoneSchema, acks: z.record(z.string(), globalAckSchema) })
export type GlobalStatus = z.output<typeof globalStatusSchema>

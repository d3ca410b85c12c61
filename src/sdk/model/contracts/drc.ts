import { z } from 'zod'

/**
 * A column's value on its way between zones, exact: BIGINT, DECIMAL, dates and JSON are text, what is not text is base64.
 * A NULL is null.
 */
export type Cell = string | number | null | { readonly base64: string }
export type RowImage = Readonly<Record<string, Cell>>

export interface LogRow {
  /** `schema.table` */
  readonly table: string
  readonly op: 'insert' | 'update' | 'delete'
  readonly before: RowImage | null
  readonly after: RowImage | null
  /** The version this change was born with, as decimal text (it exceeds 2^53). */
  readonly ver: string
}

/**
 * One record of the change log (Kafka topic `drc.<zone>.mysql`): a transaction that was made in this zone, or one part of
 * it where it is large. The log never makes or changes a version.
 */
export interface LogRecord {
  readonly v: 1
  readonly zone: string
  /** The server the transaction was made on, and its number there: a GTID without a tag. */
  readonly uuid: string
  readonly gno: number
  /** Number of the own transaction that was logged before it on the same server; 0 for the first. */
  readonly previous: number
  /** 1..parts */
  readonly part: number
  readonly parts: number
  readonly trace: string | null
  readonly committedAtMs: number
  readonly rows: readonly LogRow[]
}

export const drcTopic = (zone: string): string => `drc.${zone}.mysql`

const stopped = z.strictObject({ code: z.string(), message: z.string(), hint: z.string(), atMs: z.number() })
const position = z.strictObject({ uuid: z.string(), gno: z.number() }).nullable()

/** What a relay or an applier's lane is doing. A stopped lane says why, tries again by itself, and skips nothing. */
const roleSchema = z.strictObject({
  role: z.enum(['relay', 'applier']),
  /** Whose changes it carries. */
  source: z.string(),
  state: z.enum(['standby', 'starting', 'running', 'waiting', 'stopped']),
  /** Last transaction that is logged, or applied. */
  position,
  /** When that one was committed at its source; null before the first of this term. */
  newestAtMs: z.number().nullable(),
  transactions: z.number(),
  rows: z.number(),
  conflicts: z.number(),
  /** From commit at the source to what this role has done with it, over the last minute; null where there was none. */
  lagMs: z.strictObject({ last: z.number(), p50: z.number(), p99: z.number(), samples: z.number() }).nullable(),
  stopped: stopped.nullable(),
})
export type DrcRole = z.output<typeof roleSchema>

/** GET /status of an instance. */
export const drcStatusSchema = z.strictObject({
  zone: z.string(),
  place: z.string(),
  instance: z.number(),
  roles: z.array(roleSchema),
})
export type DrcStatus = z.output<typeof drcStatusSchema>

/** A transaction with a trace, as a role met it: the relay logged it, or the applier applied it. */
const traceSchema = z.strictObject({
  role: z.enum(['relay', 'applier']),
  source: z.string(),
  uuid: z.string(),
  gno: z.number(),
  committedAtMs: z.number(),
  /** When the role was done with it. */
  atMs: z.number(),
})
export type DrcTrace = z.output<typeof traceSchema>
/** GET /traces/:trace of an instance: only what its roles carried lately, in this term of theirs. */
export const drcTracesSchema = z.strictObject({ traces: z.array(traceSchema) })

const image = z.record(z.string(), z.unknown()).nullable()

/** One loser: what was not kept, what was, and why. */
export const drcConflictSchema = z.strictObject({
  id: z.string(),
  atMs: z.number(),
  source: z.string(),
  table: z.string(),
  key: z.string(),
  /** `incoming`: the change from `source` was dropped; `local`: it replaced a row it had not seen. */
  loser: z.enum(['incoming', 'local']),
  /** It reaches across an unplanned takeover: the row was locked, to be looked at. */
  locked: z.boolean(),
  winnerVer: z.string(),
  loserVer: z.string(),
  winner: image,
  loserImage: image,
})
export type DrcConflict = z.output<typeof drcConflictSchema>
export const drcConflictsSchema = z.strictObject({ conflicts: z.array(drcConflictSchema), total: z.number() })

const row = z.record(z.string(), z.union([z.string(), z.number(), z.null(), z.strictObject({ base64: z.string() })]))

/** One line of GET /tap: a change as the log of its zone has it, or a sign of life. */
export const tapLineSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('change'),
    zone: z.string(),
    uuid: z.string(),
    gno: z.number(),
    trace: z.string().nullable(),
    committedAtMs: z.number(),
    table: z.string(),
    op: z.enum(['insert', 'update', 'delete']),
    before: row.nullable(),
    after: row.nullable(),
    ver: z.string(),
  }),
  z.strictObject({ type: z.literal('ping') }),
])
export type TapChange = Extract<z.output<typeof tapLineSchema>, { type: 'change' }>

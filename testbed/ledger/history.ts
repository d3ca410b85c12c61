import { z } from 'zod'

/**
 * What a run saw, one entry per line of NDJSON, appended and never changed. All times are milliseconds since `startedAt`
 * of the first entry, by the one clock of the machine: operations, faults, steps of a switch and changes of the table can
 * be laid side by side. Ids and versions are strings.
 */
const atMs = z.number()
const zone = z.string()
const shard = z.int()
const epoch = z.int()

/** First line. */
const beginSchema = z.object({
  type: z.literal('begin'),
  format: z.literal(1),
  run: z.string(),
  /** Name of the drill, or of the command that made the load. */
  name: z.string(),
  seed: z.int(),
  startedAt: z.iso.datetime(),
  testbed: z.string(),
  runtime: z.string(),
  policy: z.enum(['available', 'strict']),
  zones: z.array(zone),
  shards: z.array(z.object({ shard, zone, name: z.string() })),
})

/** `change` and `remove` are of the conflict client: the same row in both zones. */
export const operationKinds = ['place', 'advance', 'read', 'register', 'change', 'remove'] as const

/** One operation of a client, written when its time is over. */
const operationSchema = z.object({
  type: z.literal('op'),
  index: z.int(),
  client: z.string(),
  /** The zone its client sits in (a merchant's tablet); null for one that comes by the edge. */
  inside: zone.nullable(),
  kind: z.enum(operationKinds),
  /** Idempotency key of a write; null for a read. */
  key: z.string().nullable(),
  /** What it is about: order id, phone, or key of a row; null for a `place`, whose id comes with the answer. */
  subject: z.string().nullable(),
  /** What a write asked for: the state of an `advance`, the value of a `change`. */
  wanted: z.string().nullable(),
  intendedMs: atMs,
  sentMs: atMs,
  answeredMs: atMs,
  /** Neither ok nor failed where the client cannot know. */
  outcome: z.enum(['ok', 'failed', 'unknown']),
  code: z.string().nullable(),
  /** Where the platform says it was done, or would have been. */
  zone: zone.nullable(),
  /** As the platform says; where nobody answered, the shard the client knows it to belong to. Null for rows of `change`. */
  shard: shard.nullable(),
  epoch: epoch.nullable(),
  orderId: z.string().nullable(),
  /** Version of the row: after a write what it became, at a read what was seen. */
  version: z.string().nullable(),
  /** What an ok answer showed: state of the order, user id of a phone, value of a row. */
  saw: z.string().nullable(),
  riderId: z.string().nullable(),
  traceId: z.string().nullable(),
})

/** A fault as its lease went: asked, in force (proven or not), ended (removal proven or not). */
const faultSchema = z.object({
  type: z.literal('fault'),
  id: z.string(),
  kind: z.string(),
  target: z.string(),
  phase: z.enum(['asked', 'in-force', 'ended']),
  atMs,
  proven: z.boolean().nullable(),
})

/** A step of a switch, as the controller recorded it. `lost` of a hard one: acknowledged and not arrived. */
const stepSchema = z.object({
  type: z.literal('step'),
  switch: z.string(),
  name: z.string(),
  shards: z.array(shard),
  atMs,
  text: z.string().nullable(),
})

/** From here on the table says this of a shard. */
const ownerSchema = z.object({
  type: z.literal('owner'),
  atMs,
  shard,
  zone,
  state: z.enum(['ACTIVE', 'FROZEN', 'DRAINING', 'TAKEOVER']),
  epoch,
})

/** An enforcement point (router, SOA proxy, DAL of a service) says that it acts under this version of the table. */
const ackedSchema = z.object({
  type: z.literal('acked'),
  atMs,
  subscriber: z.string(),
  place: z.string(),
  version: z.int(),
})

/** What DRC says of its lag, beside what a marker row measured at the same time; null where none arrived. */
const lagSchema = z.object({
  type: z.literal('lag'),
  atMs,
  source: zone,
  target: zone,
  claimedMs: z.number().nullable(),
  measuredMs: z.number().nullable(),
})

/**
 * At a switch, as soon as the table names another owner: orders of these shards that were acknowledged by then, and that
 * the new owner's database does not have. Looked up by the ledger itself, beside the platform; ids at most 10 000.
 */
const missingSchema = z.object({
  type: z.literal('missing'),
  atMs,
  zone,
  shards: z.array(shard),
  acknowledged: z.int(),
  orderIds: z.array(z.string()),
})

/**
 * A zone's rows were read when the run was over, and follow in the next entries: all of them where `why` is null. Of a
 * zone without this entry, or with a reason, nothing can be said: its rows are not gone, they were not seen.
 */
const collectedSchema = z.object({ type: z.literal('collected'), atMs, zone, why: z.string().nullable() })

/** A row as a zone's database has it when the run is over, locked ones included. */
const orderRowSchema = z.object({
  type: z.literal('order'),
  zone,
  orderId: z.string(),
  shard,
  epoch,
  state: z.string(),
  version: z.string(),
  riderId: z.string().nullable(),
  locked: z.boolean(),
  /** Zone whose instance made it. */
  bornIn: zone,
})
/** Idempotency key -> order, as a zone's database has it. */
const requestRowSchema = z.object({ type: z.literal('request'), zone, key: z.string(), orderId: z.string() })
/** Phone -> user, as the Global Zone server of a zone has it. */
const userRowSchema = z.object({ type: z.literal('user'), zone, phone: z.string(), userId: z.string() })
/** A row of the conflict client; value null where it is gone. */
const sharedRowSchema = z.object({
  type: z.literal('shared'),
  zone,
  key: z.string(),
  value: z.string().nullable(),
  version: z.string().nullable(),
})

/** A row whose change lost against a greater version: both are kept by DRC. */
const conflictSchema = z.object({
  type: z.literal('conflict'),
  zone,
  table: z.string(),
  key: z.string(),
  winner: z.string(),
  loser: z.string(),
  locked: z.boolean(),
})

/**
 * What replication did with what one zone wrote while the run lasted. `committed`: transactions in its binlog that it made
 * itself and that touch replicated tables. `logged`: those of them that its log has. `applied`: those of them up to which
 * the target says, in its own database, that it has come. A repeated change is one row, key and version together.
 */
const replicatedSchema = z.object({
  type: z.literal('replicated'),
  source: zone,
  target: zone,
  committed: z.int(),
  logged: z.int(),
  applied: z.int(),
  /** Changes that stand in a log more than once, or in this log although another zone made them; applied more than once. */
  repeatedInLog: z.int(),
  appliedTwice: z.int(),
})

/** What `drc verify` said at the end; a table that could not be compared has no entry. */
const comparedSchema = z.object({
  type: z.literal('compared'),
  atMs,
  table: z.string(),
  equal: z.boolean(),
  rows: z.record(zone, z.int()),
  differing: z.int(),
})

/** How well the generator kept its own word. Without it, or overloaded, no verdict is possible. */
const generatorSchema = z.object({
  type: z.literal('generator'),
  intended: z.int(),
  sent: z.int(),
  inTime: z.int(),
  dropped: z.int(),
  ranMs: z.number(),
})

/** What a load beside the clients came to, in a second and a zone; null where no zone answered. Latency is of what was ok. */
const loadSchema = z.object({
  type: z.literal('load'),
  atMs,
  zone: zone.nullable(),
  ok: z.int(),
  failed: z.int(),
  unknown: z.int(),
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
})

/** What that load was, and how well who sent it kept its word. */
const loadedSchema = z.object({
  type: z.literal('loaded'),
  engine: z.enum(['k6', 'builtin']),
  profile: z.string(),
  askedQps: z.int(),
  verdict: z.enum(['valid', 'unknown', 'void']),
  requests: z.int(),
  ok: z.int(),
  failed: z.int(),
  unknown: z.int(),
  dropped: z.int(),
  late: z.int(),
})

/** Last line; a history without it was broken off. */
const endSchema = z.object({ type: z.literal('end'), atMs, interrupted: z.boolean() })

export const entrySchema = z.discriminatedUnion('type', [
  beginSchema,
  operationSchema,
  faultSchema,
  stepSchema,
  ownerSchema,
  ackedSchema,
  lagSchema,
  missingSchema,
  collectedSchema,
  orderRowSchema,
  requestRowSchema,
  userRowSchema,
  sharedRowSchema,
  conflictSchema,
  replicatedSchema,
  comparedSchema,
  generatorSchema,
  loadSchema,
  loadedSchema,
  endSchema,
])

export type Entry = z.output<typeof entrySchema>
export type EntryOf<T extends Entry['type']> = Extract<Entry, { readonly type: T }>
export type OperationEntry = EntryOf<'op'>

/** A whole history, its entries by type and in the order of the file. */
export type History = { readonly [T in Entry['type']]: readonly EntryOf<T>[] }

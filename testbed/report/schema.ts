import { z } from 'zod'

/** Raised when an older ezone could not read what this one writes. */
export const reportFormat = 1

const atMs = z.number()
const perBin = z.array(z.number().nullable())

export const verdictSchema = z.enum(['valid', 'invalid', 'unknown'])

const claimSchema = z.object({
  name: z.string(),
  verdict: verdictSchema,
  statement: z.string(),
  checked: z.number(),
  counterexample: z.string().nullable(),
  why: z.string().nullable(),
  ids: z.array(z.string()),
})

/** T0..T8 of a switch, by the clients' side of the clock; null where a run did not come so far. */
const timesSchema = z.object({
  t0: atMs.nullable(),
  t1: atMs.nullable(),
  t2: atMs.nullable(),
  t3: atMs.nullable(),
  t4: atMs.nullable(),
  t5: atMs.nullable(),
  t6: atMs.nullable(),
  t7: atMs.nullable(),
  t8: atMs.nullable(),
})

/** What clients met, per slice of time and zone. Latency is from the intended start, of what was answered ok. */
const seriesSchema = z.object({
  stepMs: z.number(),
  bins: z.int(),
  zones: z.array(
    z.object({
      zone: z.string(),
      sent: perBin,
      /** Answered as it should be, refusals of the business among them. */
      served: perBin,
      failed: perBin,
      unknown: perBin,
      p50Ms: perBin,
      p99Ms: perBin,
    }),
  ),
})

/** What a load beside the clients came to, on the axis of `series`; null where there was none. */
const stressSchema = z
  .object({
    /** Null where it was broken off. */
    figures: z
      .object({
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
      .nullable(),
    zones: z.array(z.object({ zone: z.string(), ok: perBin, p99Ms: perBin })),
    /** Of all zones, and of none. */
    failed: perBin,
    unknown: perBin,
  })
  .nullable()

const lagSchema = z.object({
  source: z.string(),
  target: z.string(),
  atMs: z.array(atMs),
  claimedMs: perBin,
  measuredMs: perBin,
})

/** Who owned a shard, span by span. */
const ownershipSchema = z.object({
  shard: z.int(),
  name: z.string(),
  spans: z.array(
    // The epoch is null until the first change: how a run begins says nothing of it.
    z.object({ fromMs: atMs, toMs: atMs, zone: z.string(), state: z.string(), epoch: z.int().nullable() }),
  ),
})

const faultSchema = z.object({
  id: z.string(),
  kind: z.string(),
  target: z.string(),
  askedMs: atMs.nullable(),
  inForceMs: atMs.nullable(),
  endedMs: atMs.nullable(),
  effectProven: z.boolean().nullable(),
  removalProven: z.boolean().nullable(),
})

const switchSchema = z.object({
  id: z.string(),
  shards: z.array(z.int()),
  steps: z.array(z.object({ name: z.string(), atMs, shards: z.array(z.int()), text: z.string().nullable() })),
})

export const alertRules = ['errors', 'slow', 'lag', 'no-owner', 'two-owners'] as const

const alertSchema = z.object({
  rule: z.enum(alertRules),
  /** A zone, a direction such as `bj>sh`, or `shard 31`. */
  subject: z.string(),
  firedMs: atMs,
  /** Null where it still stood at the end. */
  resolvedMs: atMs.nullable(),
  /** How often it would have fired had it not stood already. */
  fired: z.int(),
  /** The worst value seen, in the unit of the rule: share, milliseconds, writes. */
  worst: z.number().nullable(),
  fault: z.string().nullable(),
  afterFaultMs: z.number().nullable(),
})

const conflictSchema = z.object({
  zone: z.string(),
  table: z.string(),
  key: z.string(),
  winner: z.string(),
  loser: z.string(),
  locked: z.boolean(),
})

/** A list that may be long: how many there are, and the first of them. */
const listed = <T extends z.ZodType>(item: T) => z.object({ count: z.int(), first: z.array(item) })

/** What stands of a path of a link: asked and got side by side. */
const linkPathSchema = z.object({
  from: z.string(),
  to: z.string(),
  link: z.string(),
  protocol: z.string(),
  askedRttMs: z.number(),
  p50Ms: z.number().nullable(),
  samples: z.int(),
})

/** What the history alone does not say; whoever ran the drill adds it. */
export const metaSchema = z.object({
  version: z.string(),
  machine: z.object({ cores: z.int(), memoryBytes: z.number(), node: z.string() }),
  /** What happens, in a line. */
  title: z.string(),
  /** What was expected to hold, in a sentence or two. */
  hypothesis: z.string(),
  /** What a drill allows; null where it says nothing of it. */
  allowed: z.object({ grade: z.string().nullable(), rtoMs: z.number().nullable(), rpoOrders: z.int().nullable() }),
  /** Measured before the load began; empty where nobody measured. */
  links: z.array(linkPathSchema),
  /** The command that does the same again. */
  rerun: z.string(),
})

export const reportSchema = metaSchema.extend({
  format: z.literal(reportFormat),
  run: z.string(),
  drill: z.string(),
  seed: z.int(),
  verdict: verdictSchema,
  /** Why it is not valid: claims that do not hold, what kept it from a verdict, a grade worse than allowed. */
  why: z.array(z.string()),
  /** P0 (worst) to P5; null where nothing can be said. */
  grade: z.string().nullable(),
  /** What each axis of the grade came to: a share, milliseconds, or null where it is a matter of claims. */
  axes: z.array(z.object({ name: z.string(), grade: z.string(), value: z.number().nullable() })),
  testbed: z.string(),
  runtime: z.string(),
  policy: z.string(),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  /** True where it was broken off: by a person, or because its history has no end. */
  interrupted: z.boolean(),
  zones: z.array(z.string()),
  operations: z.object({ sent: z.int(), served: z.int(), failed: z.int(), unknown: z.int() }),
  /** Code -> how often, of what was not served since the trouble began. */
  clientErrors: z.record(z.string(), z.int()),
  /** Acknowledged orders, which the lost ones are a share of. */
  acknowledged: z.int().nullable(),
  claims: z.array(claimSchema),
  times: timesSchema,
  rtoMs: z.number().nullable(),
  writeGapMs: z.number().nullable(),
  rtoPerShard: z.array(z.object({ shard: z.int(), rtoMs: z.number().nullable(), writeGapMs: z.number() })),
  /** All that was missed: for a while after a takeover, or for good. */
  rpoOrders: z.array(z.string()),
  rpo: z.object({ claimed: z.array(z.string()), missed: z.array(z.string()), forGood: z.array(z.string()) }),
  series: seriesSchema,
  stress: stressSchema.default(null),
  lag: z.array(lagSchema),
  ownership: z.array(ownershipSchema),
  faults: z.array(faultSchema),
  switches: z.array(switchSchema),
  alerts: z.array(alertSchema),
  conflicts: listed(conflictSchema),
  lockedOrders: listed(z.string()),
  replicated: z.array(
    z.object({
      source: z.string(),
      target: z.string(),
      committed: z.int(),
      logged: z.int(),
      applied: z.int(),
      repeatedInLog: z.int(),
      appliedTwice: z.int(),
    }),
  ),
  compared: z.array(
    z.object({
      atMs,
      table: z.string(),
      equal: z.boolean(),
      rows: z.record(z.string(), z.int()),
      differing: z.int(),
    }),
  ),
  /** Null where the generator never said how well it kept its word. */
  generator: z
    .object({ intended: z.int(), sent: z.int(), inTime: z.int(), dropped: z.int(), ranMs: z.number() })
    .nullable(),
})

export type Report = z.output<typeof reportSchema>
export type ReportMeta = z.output<typeof metaSchema>
export type Series = z.output<typeof seriesSchema>
export type Times = z.output<typeof timesSchema>
export type FaultSpan = z.output<typeof faultSchema>
export type SwitchSteps = z.output<typeof switchSchema>
export type ShardOwnership = z.output<typeof ownershipSchema>
export type LagSeries = z.output<typeof lagSchema>
export type Alert = z.output<typeof alertSchema>
export type AlertRule = Alert['rule']

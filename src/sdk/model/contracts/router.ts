import { z } from 'zod'

/** The header on every routed answer: where the request went, and why. */
export const routeHeader = 'x-ezone'

/** On an answer the router gave in the place of a zone: `none` was done, or that is `unknown`. */
export const outcomeHeader = 'x-ezone-outcome'

/** How long a client waits for the answer: milliseconds from now. Bounded by what the platform itself waits. */
export const deadlineHeader = 'x-ezone-deadline'

/** On an answer whose request was held while its shard moved: for how many milliseconds. */
export const heldHeader = 'x-ezone-held'

export interface RouteTaken {
  readonly zone: string
  readonly shard: number
  readonly epoch: number
  readonly rule: string
}

/** `sh; shard=31; epoch=1; rule=geo` */
export const formatRoute = ({ zone, shard, epoch, rule }: RouteTaken): string =>
  `${zone}; shard=${shard}; epoch=${epoch}; rule=${rule}`

/** Undefined where the text is not what a router writes. */
export function parseRoute(text: string | null | undefined): RouteTaken | undefined {
  const [, zone, shard, epoch, rule] = /^([a-z0-9]+); shard=(\d+); epoch=(\d+); rule=([a-z-]+)$/.exec(text ?? '') ?? []
  if (zone === undefined || rule === undefined) return undefined
  return { zone, shard: Number(shard), epoch: Number(epoch), rule }
}

/** GET /explain of a router. */
export const explanationSchema = z.object({
  /** What decided, such as `geo=31.23,121.47`; null where there was no tag. */
  tag: z.string().nullable(),
  shard: z.int(),
  zone: z.string(),
  epoch: z.int(),
  rule: z.string(),
  cell: z.int(),
  candidates: z.array(
    z.object({ shard: z.int(), name: z.string(), zone: z.string(), distanceKm: z.number().nullable() }),
  ),
})
export type Explanation = z.output<typeof explanationSchema>

/** The table somebody acts on: from where, and since when nobody said that it is the newest. */
export const tableStatusSchema = z.object({ version: z.int(), from: z.enum(['gzs', 'disk']), ageMs: z.int() })

/** Requests that waited for their shard, which was on its way from one zone to another. */
export const holdsSchema = z.object({
  now: z.int(),
  /** Since it started; of these, that waited in vain or found too many waiting already. */
  total: z.int(),
  inVain: z.int(),
  longestMs: z.int(),
  /** Of the last minute. */
  longestLatelyMs: z.int(),
})

/** GET /stats of a router. */
export const routerStatsSchema = z.object({
  /** Requests for a zone since it started, and in the last 10 s. */
  requests: z.int(),
  recentRequests: z.int(),
  /** Of these, without a tag. */
  fallback: z.int(),
  unreachable: z.int(),
  perZone: z.record(z.string(), z.int()),
  holds: holdsSchema,
  /** Requests that never became one, by kind. */
  refused: z.record(z.string(), z.int()),
  /** Acknowledged writes of the last minute that are remembered. */
  acknowledged: z.int(),
  table: tableStatusSchema.nullable(),
})
export type RouterStats = z.output<typeof routerStatsSchema>

/** GET /acknowledged?shard=&sinceMs=&after= of a router: what it told clients was done, oldest first. */
export const acknowledgedSchema = z.object({
  /** False where it may have told more since then: it forgot some, or began later. */
  complete: z.boolean(),
  orders: z.array(
    z.object({ orderId: z.string(), version: z.string(), shard: z.int(), zone: z.string(), atMs: z.int() }),
  ),
  /** Ask again with `after=` this where there are more; null at the end. */
  next: z.string().nullable(),
})
export type Acknowledged = z.output<typeof acknowledgedSchema>

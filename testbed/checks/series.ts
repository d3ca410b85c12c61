import type { History, OperationEntry } from '../ledger/history.ts'
import { pushTo } from './operations.ts'
import type { Ownership } from './ownership.ts'
import { isServed } from './served.ts'

/** What clients met second by second, each operation in the second in which it was meant to be sent. */
export interface Series {
  /** Name of a zone, or number of a shard. */
  readonly of: string
  readonly intended: readonly number[]
  readonly ok: readonly number[]
  /** Answered as it should be, refusals of the business among them. */
  readonly served: readonly number[]
  readonly failed: readonly number[]
  readonly unknown: readonly number[]
  /** From the intended time, of what was answered ok; null where nothing was. */
  readonly p50Ms: readonly (number | null)[]
  readonly p99Ms: readonly (number | null)[]
}

const bucketMs = 1_000

export interface SeriesOf {
  /** By the zone that owned the shard when the operation was meant to be sent. */
  readonly zones: readonly Series[]
  readonly shards: readonly Series[]
}

export function seriesOf(history: History, owners: Ownership): SeriesOf {
  const [zones, shards] = [new Map<string, OperationEntry[]>(), new Map<string, OperationEntry[]>()]
  for (const op of history.op) {
    const owner = op.shard === null ? null : owners.zoneAt(op.shard, op.intendedMs)
    const zone = owner ?? op.zone ?? op.inside
    if (zone !== null) pushTo(zones, zone, op)
    if (op.shard !== null) pushTo(shards, String(op.shard), op)
  }
  const byName = (a: Series, b: Series) => a.of.localeCompare(b.of, 'en', { numeric: true })
  const all = (groups: ReadonlyMap<string, readonly OperationEntry[]>) =>
    [...groups].map(([name, ops]) => bucketed(name, ops)).toSorted(byName)
  return { zones: all(zones), shards: all(shards) }
}

/** Of some operations, such as those of one zone. */
export function bucketed(of: string, ops: readonly OperationEntry[]): Series {
  const last = ops.reduce((latest, { intendedMs }) => Math.max(latest, intendedMs), 0)
  const none = () => new Array<number>(bucketOf(last) + 1).fill(0)
  const counts = { intended: none(), ok: none(), served: none(), failed: none(), unknown: none() }
  const latencies: number[][] = counts.intended.map(() => [])
  const count = (values: number[], bucket: number) => {
    values[bucket] = (values[bucket] ?? 0) + 1
  }
  for (const op of ops) {
    const bucket = bucketOf(op.intendedMs)
    count(counts.intended, bucket)
    count(counts[op.outcome], bucket)
    if (isServed(op)) count(counts.served, bucket)
    if (op.outcome === 'ok') latencies[bucket]?.push(op.answeredMs - op.intendedMs)
  }
  const sorted = latencies.map((values) => Float64Array.from(values).sort())
  return {
    of,
    ...counts,
    p50Ms: sorted.map((values) => quantile(values, 0.5)),
    p99Ms: sorted.map((values) => quantile(values, 0.99)),
  }
}

const bucketOf = (intendedMs: number) => Math.max(0, Math.floor(intendedMs / bucketMs))

/** By nearest rank: always one that was measured. */
function quantile(sorted: Float64Array, share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  return value === undefined ? null : Math.round(value * 10) / 10
}

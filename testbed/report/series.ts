import type { History, OperationEntry } from '../ledger/history.ts'
import type { LagSeries, Series } from './schema.ts'
import { nowhere } from './whereabouts.ts'

const binsMax = 480
const pointsMax = 480
/** Steps a person can read off an axis. */
const steps = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 1_800_000]

/** Load, outcomes and latency per zone and slice of time, by the time at which each operation was meant to begin. */
export function seriesOf(history: History, zoneOf: (operation: OperationEntry) => string, durationMs: number): Series {
  const stepMs = steps.find((step) => durationMs / step <= binsMax) ?? Math.ceil(durationMs / binsMax)
  const bins = Math.max(1, Math.ceil(durationMs / stepMs))
  const known = history.begin[0]?.zones ?? []
  const byZone = Map.groupBy(history.op, zoneOf)
  const zones = [...known, ...[...byZone.keys()].filter((zone) => !known.includes(zone)).sort(lastNowhere)]
  return { stepMs, bins, zones: zones.map((zone) => ({ zone, ...binned(byZone.get(zone) ?? [], stepMs, bins) })) }
}

const lastNowhere = (a: string, b: string) => Number(a === nowhere) - Number(b === nowhere) || a.localeCompare(b)

function binned(operations: readonly OperationEntry[], stepMs: number, bins: number) {
  const slices: OperationEntry[][] = Array.from({ length: bins }, () => [])
  for (const operation of operations)
    slices[Math.min(bins - 1, Math.max(0, Math.floor(operation.intendedMs / stepMs)))]?.push(operation)
  const count = (slice: readonly OperationEntry[], outcome: OperationEntry['outcome']) =>
    slice.filter((operation) => operation.outcome === outcome).length
  const latencies = slices.map((slice) => slice.map(latencyMs).sort((a, b) => a - b))
  return {
    sent: slices.map((slice) => slice.length),
    ok: slices.map((slice) => count(slice, 'ok')),
    failed: slices.map((slice) => count(slice, 'failed')),
    unknown: slices.map((slice) => count(slice, 'unknown')),
    p50Ms: latencies.map((sorted) => percentile(sorted, 0.5)),
    p99Ms: latencies.map((sorted) => percentile(sorted, 0.99)),
  }
}

export const latencyMs = ({ intendedMs, answeredMs }: OperationEntry): number => Math.max(0, answeredMs - intendedMs)

/** Nearest rank; null where there is nothing: no request is not a fast one. */
export function percentile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  return value === undefined ? null : Math.round(value * 10) / 10
}

/** Lag of each direction; of a long run the worst of each stretch, so that no peak is thinned away. */
export function lagOf(history: History): readonly LagSeries[] {
  const directions = Map.groupBy(history.lag, ({ source, target }) => `${source}>${target}`)
  return [...directions.values()].map((entries) => {
    const stretch = Math.ceil(entries.length / pointsMax)
    const groups = Map.groupBy(entries, (_, index) => Math.floor(index / stretch))
    const points = [...groups.values()].map((group) => group.reduce((a, b) => (worse(b) > worse(a) ? b : a)))
    return {
      source: entries[0]?.source ?? '',
      target: entries[0]?.target ?? '',
      atMs: points.map(({ atMs }) => atMs),
      claimedMs: points.map(({ claimedMs }) => claimedMs),
      measuredMs: points.map(({ measuredMs }) => measuredMs),
    }
  })
}

/** What did not arrive at all is worse than what arrived late. */
const worse = ({ claimedMs, measuredMs }: { claimedMs: number | null; measuredMs: number | null }) =>
  Math.max(claimedMs ?? 0, measuredMs ?? Number.MAX_SAFE_INTEGER)

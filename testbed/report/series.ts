import { ownership } from '../checks/ownership.ts'
import { type Series as Measured, seriesOf as measuredSeries } from '../checks/series.ts'
import type { History } from '../ledger/history.ts'
import type { LagSeries, Series } from './schema.ts'

const binMs = 1_000
/** More than this nobody sees on a screen. */
const pointsMax = 480

/** Load, outcomes and latency per zone as they were measured; of a long run several seconds together. */
export function seriesOf(history: History, durationMs: number): Series {
  const measured = measuredSeries(history, ownership(history)).zones
  const seconds = Math.max(1, Math.ceil(durationMs / binMs), ...measured.map(({ intended }) => intended.length))
  const together = Math.ceil(seconds / pointsMax)
  const bins = Math.ceil(seconds / together)
  const known = history.begin[0]?.zones ?? []
  const named = new Map(measured.map((one) => [one.of, one]))
  const zones = [...known, ...[...named.keys()].filter((zone) => !known.includes(zone))]
  return {
    stepMs: together * binMs,
    bins,
    zones: zones.map((zone) => ({ zone, ...gatheredSeconds(named.get(zone), bins, together) })),
  }
}

function gatheredSeconds(measured: Measured | undefined, bins: number, together: number) {
  const slices = <T>(values: readonly T[]) =>
    Array.from({ length: bins }, (_, bin) => values.slice(bin * together, (bin + 1) * together))
  const sums = (values: readonly number[] = []) =>
    slices(values).map((slice) => slice.reduce((sum, value) => sum + value, 0))
  // The worst second of them: an outage of a second shall not vanish in a long run.
  const worst = (values: readonly (number | null)[] = []) =>
    slices(values).map((slice) => {
      const seen = slice.filter((value) => value !== null)
      return seen.length === 0 ? null : Math.max(...seen)
    })
  return {
    sent: sums(measured?.intended),
    served: sums(measured?.served),
    failed: sums(measured?.failed),
    unknown: sums(measured?.unknown),
    p50Ms: worst(measured?.p50Ms),
    p99Ms: worst(measured?.p99Ms),
  }
}

/** Lag of each direction; of a long run the worst of each stretch, so that no peak is thinned away. */
export function lagOf(history: History): LagSeries[] {
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

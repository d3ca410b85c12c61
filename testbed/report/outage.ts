import type { Report, Series } from './schema.ts'

/** What clients of one zone met from the first fault on, beside what they met before. */
export interface Outage {
  readonly zone: string
  readonly sent: number
  /** Share of operations that were answered well; null where there were none. */
  readonly okShare: number | null
  /** The span of slices in which less than nine of ten were; null where there were none. */
  readonly fromMs: number | null
  readonly toMs: number | null
  /** The worst share in a slice. */
  readonly worst: number | null
  readonly p99BeforeMs: number | null
  readonly p99WorstMs: number | null
}

const badShare = 0.9

export function outagesOf({ series, faults }: Pick<Report, 'series' | 'faults'>): readonly Outage[] {
  const begins = faults.map((fault) => fault.inForceMs ?? fault.askedMs ?? Infinity)
  return series.zones.map((zone) => outageOf(zone, series.stepMs, Math.min(...begins, Infinity)))
}

function outageOf(line: Series['zones'][number], stepMs: number, faultMs: number): Outage {
  const total = (values: readonly (number | null)[]) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
  const sent = total(line.sent)
  const shares = line.sent.map((count, bin) => (count ? (line.served[bin] ?? 0) / count : null))
  const bad = shares.flatMap((share, bin) => (share !== null && share < badShare ? [bin] : []))
  const first = bad[0]
  const last = bad.at(-1)
  const before = line.p99Ms.filter((value, bin) => value !== null && (bin + 1) * stepMs <= faultMs).map(Number)
  const greatest = (values: readonly number[]) => (values.length === 0 ? null : Math.max(...values))
  return {
    zone: line.zone,
    sent,
    okShare: sent === 0 ? null : total(line.served) / sent,
    fromMs: first === undefined ? null : first * stepMs,
    toMs: last === undefined ? null : (last + 1) * stepMs,
    worst: bad.length === 0 ? null : Math.min(...bad.map((bin) => shares[bin] ?? 1)),
    p99BeforeMs: before.toSorted((a, b) => a - b)[Math.floor(before.length / 2)] ?? null,
    p99WorstMs: greatest(line.p99Ms.filter((value) => value !== null)),
  }
}

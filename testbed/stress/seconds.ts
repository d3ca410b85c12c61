import { type LoadRecord, latencyMs, type Outcome } from './records.ts'

/** What one zone was asked in one second, by the times that were meant. */
export interface SecondOfZone extends Readonly<Record<Outcome, number>> {
  readonly second: number
  /** Null of what no zone answered. */
  readonly zone: string | null
  /** From the intended time, of what was answered ok; null where nothing was. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

class Bin {
  readonly counts: Record<Outcome, number> = { ok: 0, failed: 0, unknown: 0 }
  readonly latenciesMs: number[] = []

  add(record: LoadRecord): void {
    this.counts[record.outcome]++
    if (record.outcome === 'ok') this.latenciesMs.push(latencyMs(record))
  }
}

/** Load by second and zone. Seconds that are taken out are forgotten, so that a long run does not grow. */
export class Seconds {
  readonly #bins = new Map<number, Map<string | null, Bin>>()

  add(record: LoadRecord): void {
    const second = Math.floor(record.intendedMs / 1_000)
    const zones = this.#bins.get(second) ?? new Map<string | null, Bin>()
    this.#bins.set(second, zones)
    const bin = zones.get(record.zone) ?? new Bin()
    zones.set(record.zone, bin)
    bin.add(record)
  }

  /** All seconds before this one, in order; they are forgotten. */
  takeBefore(second: number): readonly SecondOfZone[] {
    const taken = [...this.#bins].filter(([at]) => at < second).toSorted(([a], [b]) => a - b)
    for (const [at] of taken) this.#bins.delete(at)
    return taken.flatMap(([at, zones]) => [...zones].map(([zone, bin]) => ({ second: at, zone, ...figuresOf([bin]) })))
  }

  /** Each zone in these seconds together. */
  between(from: number, until: number): ReadonlyMap<string, Omit<SecondOfZone, 'second' | 'zone'>> {
    const within = [...this.#bins].filter(([at]) => at >= from && at < until).flatMap(([, zones]) => [...zones])
    const named = Map.groupBy(within, ([zone]) => zone ?? '-')
    return new Map([...named].map(([zone, bins]) => [zone, figuresOf(bins.map(([, bin]) => bin))]))
  }
}

function figuresOf(bins: readonly Bin[]) {
  const sorted = Float64Array.from(bins.flatMap(({ latenciesMs }) => latenciesMs)).sort()
  const sum = (outcome: Outcome) => bins.reduce((all, { counts }) => all + counts[outcome], 0)
  return {
    ...{ ok: sum('ok'), failed: sum('failed'), unknown: sum('unknown') },
    ...{ p50Ms: nearestRank(sorted, 0.5), p99Ms: nearestRank(sorted, 0.99) },
  }
}

/** Always a value that was measured, to a tenth; null where there is none. */
export function nearestRank(sorted: Float64Array, share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  return value === undefined ? null : Math.round(value * 10) / 10
}

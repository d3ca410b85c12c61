import { heldShareMin } from './ramp.ts'
import type { LoadRecord, Outcome } from './records.ts'
import { latencyMs } from './records.ts'
import { type LoadRun, lateMsMax } from './run-load.ts'
import { nearestRank } from './seconds.ts'

/** Of a hundred sends so many may leave late before the run says nothing any more. */
export const lateShareMax = 0.01

export interface Latency {
  /** From the intended time; null where nothing was answered ok. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

export interface ZoneTally extends Latency {
  readonly requests: number
  readonly ok: number
  readonly failed: number
  readonly unknown: number
}

/** What a run came to; `data` of `stress` has it and what it cost. */
export interface LoadSummary extends Latency {
  /**
   * `void` where the figures say nothing of the platform: the generator could not keep its word, or nothing was done.
   * `unknown` where the rate was not held: too much failed or was left open to say what the platform can do.
   */
  readonly verdict: 'valid' | 'unknown' | 'void'
  readonly askedQps: number
  /** Per second: left in time and answered ok. */
  readonly heldQps: number
  readonly requests: number
  readonly ok: number
  readonly failed: number
  /** Neither done nor refused, as far as the client knows: each may have been done. */
  readonly unknown: number
  readonly dropped: number
  /** Sent, but later than meant because the generator was behind. */
  readonly late: number
  /** How far behind its own intended times the generator was. */
  readonly lagP99Ms: number | null
  readonly lagMaxMs: number | null
  readonly maxMs: number | null
  readonly perZone: Readonly<Record<string, ZoneTally>>
  readonly perKind: Readonly<Record<string, ZoneTally>>
  /** code -> how many. */
  readonly errors: Readonly<Record<string, number>>
}

/** Counts records as they come, so that a long run keeps numbers and not records. */
export class Tally {
  readonly #all = new Part()
  readonly #zones = new Map<string, Part>()
  readonly #kinds = new Map<string, Part>()
  readonly #errors = new Map<string, number>()
  readonly #lagsMs: number[] = []
  #held = 0

  add(record: LoadRecord): void {
    this.#all.add(record)
    partOf(this.#kinds, record.kind).add(record)
    if (record.zone !== null) partOf(this.#zones, record.zone).add(record)
    if (record.code !== null) this.#errors.set(record.code, (this.#errors.get(record.code) ?? 0) + 1)
    const lagMs = record.sentMs - record.intendedMs
    this.#lagsMs.push(lagMs)
    if (record.outcome === 'ok' && lagMs <= lateMsMax) this.#held++
  }

  summary(askedQps: number, run: LoadRun): LoadSummary {
    const { sent, inTime, dropped, ranMs } = run
    const late = sent - inTime
    const all = this.#all.tally()
    const isVoid = dropped > 0 || late > sent * lateShareMax || all.ok === 0
    return {
      verdict: isVoid ? 'void' : this.#held < all.requests * heldShareMin ? 'unknown' : 'valid',
      askedQps,
      heldQps: ranMs > 0 ? round((this.#held * 1000) / ranMs) : 0,
      ...all,
      dropped,
      late,
      ...this.#lag(),
      maxMs: this.#all.maxMs,
      perZone: tallies(this.#zones),
      perKind: tallies(this.#kinds),
      errors: Object.fromEntries([...this.#errors].toSorted(([, a], [, b]) => b - a)),
    }
  }

  #lag() {
    const sorted = Float64Array.from(this.#lagsMs).sort()
    return { lagP99Ms: nearestRank(sorted, 0.99), lagMaxMs: nearestRank(sorted, 1) }
  }
}

/** Latencies of what was answered ok: how fast a refusal is says nothing of the work. */
class Part {
  readonly #latenciesMs: number[] = []
  readonly #counts: Record<Outcome, number> = { ok: 0, failed: 0, unknown: 0 }

  add(record: LoadRecord): void {
    this.#counts[record.outcome]++
    if (record.outcome === 'ok') this.#latenciesMs.push(latencyMs(record))
  }

  get maxMs(): number | null {
    return this.#quantile(1)
  }

  tally(): ZoneTally {
    const { ok, failed, unknown } = this.#counts
    return {
      requests: ok + failed + unknown,
      ok,
      failed,
      unknown,
      p50Ms: this.#quantile(0.5),
      p99Ms: this.#quantile(0.99),
    }
  }

  #quantile(share: number): number | null {
    return nearestRank(Float64Array.from(this.#latenciesMs).sort(), share)
  }
}

function partOf(parts: Map<string, Part>, name: string): Part {
  const part = parts.get(name) ?? new Part()
  parts.set(name, part)
  return part
}

const tallies = (parts: ReadonlyMap<string, Part>) =>
  Object.fromEntries([...parts].toSorted(([a], [b]) => a.localeCompare(b)).map(([name, part]) => [name, part.tally()]))

const round = (value: number) => Math.round(value * 10) / 10

import type { Step } from './profile.ts'
import { type LoadRecord, latencyMs } from './records.ts'
import { lateMsMax } from './run-load.ts'
import { nearestRank } from './seconds.ts'

/** So many of a hundred must be done, in time, for a rate to be held. */
export const heldShareMin = 0.99
/** The slowest answers of a step get so long after it. */
const graceMs = 1_500

/** One step of a ramp, and whether it held. */
export interface StepResult {
  readonly qps: number
  readonly held: boolean
  readonly okShare: number
  readonly p99Ms: number | null
}

interface Counted {
  readonly step: Step
  ok: number
  readonly latenciesMs: number[]
}

/** Watches a ramp step by step, so that it can end as soon as one does not hold. */
export class Ramp {
  readonly #steps: readonly Counted[]
  readonly #p99MsMax: number
  readonly #results: StepResult[] = []

  constructor(steps: readonly Step[], p99MsMax: number) {
    this.#steps = steps.map((step) => ({ step, ok: 0, latenciesMs: [] }))
    this.#p99MsMax = p99MsMax
  }

  add(record: LoadRecord): void {
    const counted = this.#steps.find(({ step }) => record.intendedMs < step.untilMs)
    if (counted === undefined || record.outcome !== 'ok') return
    if (record.sentMs - record.intendedMs <= lateMsMax) counted.ok++
    counted.latenciesMs.push(latencyMs(record))
  }

  /** Judges the steps that are over; true where one did not hold. */
  look(elapsedMs: number): boolean {
    while (!this.broken) {
      const next = this.#steps[this.#results.length]
      if (next === undefined || elapsedMs < next.step.untilMs + graceMs) break
      this.#results.push(this.#judge(next))
    }
    return this.broken
  }

  get broken(): boolean {
    return this.#results.at(-1)?.held === false
  }

  get results(): readonly StepResult[] {
    return this.#results
  }

  /** The highest rate that held; null where none did. */
  get highestQps(): number | null {
    return this.#results.findLast(({ held }) => held)?.qps ?? null
  }

  #judge({ step, ok, latenciesMs }: Counted): StepResult {
    const meant = ((step.untilMs - step.fromMs) * step.qps) / 1_000
    // One more or less may be meant for the very moment a step begins.
    const okShare = Math.min(1, (ok + 1) / meant)
    const p99Ms = nearestRank(Float64Array.from(latenciesMs).sort(), 0.99)
    const held = okShare >= heldShareMin && (p99Ms ?? Number.POSITIVE_INFINITY) <= this.#p99MsMax
    return { qps: step.qps, held, okShare: Math.round(okShare * 10_000) / 10_000, p99Ms }
  }
}

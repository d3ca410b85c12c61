import { systemClock } from '@ezone/sdk/clock'
import { type CostSample, sampleCost } from './cost.ts'

/** How this command is called among the hops: it generates the load, or reads what k6 says of it. */
export const ownHop = 'stress'
/** And how k6 is marked: so `down` finds it, and `cpuPerHop` has it. */
export const k6Hop = 'k6'
const everyMs = 1_000
const samplesMax = 120

interface Taken {
  /** Since it began to count. */
  readonly atMs: number
  readonly sample: CostSample
}

export interface Spent {
  readonly before: CostSample
  readonly after: CostSample
  readonly ranMs: number
}

/**
 * What everything spends while a load runs, this process included, looked at once a second. k6 is gone when the load is
 * over: what it had spent when it was last looked at is kept.
 */
export class CostMeter implements Disposable {
  readonly #testbedId: string
  readonly #taken: Taken[] = []
  #timer: NodeJS.Timeout | null = null
  #first: Promise<Taken> | null = null
  #beganMs = 0

  constructor(testbedId: string) {
    this.#testbedId = testbedId
  }

  /** From now on it counts. */
  begin(): void {
    this.#beganMs = systemClock.monotonicMs()
    this.#first = this.#take()
    this.#timer = setInterval(() => void this.#take().catch(() => undefined), everyMs)
  }

  /** All of it until now. */
  async end(): Promise<Spent> {
    if (this.#timer !== null) clearInterval(this.#timer)
    const first = await (this.#first ?? this.#take())
    const last = await this.#take()
    const k6 = this.#taken.findLast(({ sample }) => sample.perSpecMs.has(k6Hop))?.sample.perSpecMs.get(k6Hop)
    const perSpecMs = new Map([...(k6 === undefined ? [] : [[k6Hop, k6] as const]), ...last.sample.perSpecMs])
    return { before: first.sample, after: { ...last.sample, perSpecMs }, ranMs: last.atMs - first.atMs }
  }

  /** A stretch of it, as near as it was looked at; null where that was less than twice. */
  between(fromMs: number, untilMs: number): Spent | null {
    const within = this.#taken.filter(({ atMs }) => atMs >= fromMs - everyMs / 2 && atMs <= untilMs + everyMs / 2)
    const [first, last] = [within[0], within.at(-1)]
    if (first === undefined || last === undefined || first === last) return null
    return { before: first.sample, after: last.sample, ranMs: last.atMs - first.atMs }
  }

  /** The share of all processors that were at work in the busiest second. */
  busiestShare(): number {
    const shares = this.#taken.map(({ sample: { machine } }, index) => {
      const before = this.#taken[index - 1]?.sample.machine
      const allMs = before === undefined ? 0 : machine.allMs - before.allMs
      return allMs > 0 && before !== undefined ? (machine.busyMs - before.busyMs) / allMs : 0
    })
    return Math.max(0, ...shares)
  }

  async #take(): Promise<Taken> {
    const { user, system } = process.cpuUsage()
    const { perSpecMs, machine } = await sampleCost(this.#testbedId)
    const taken = {
      atMs: systemClock.monotonicMs() - this.#beganMs,
      sample: { perSpecMs: new Map([...perSpecMs, [ownHop, (user + system) / 1_000]]), machine },
    }
    if (this.#taken.push(taken) > samplesMax) this.#taken.shift()
    return taken
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }
}

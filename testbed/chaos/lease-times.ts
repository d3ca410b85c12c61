import type { Clock } from '@ezone/sdk/model'
import type { Fault } from './fault.ts'

const retryMs = [1_000, 2_000, 5_000, 10_000]
const longestSleepMs = 1_000
const shortestSleepMs = 20

/** When leases are over, and when an end that failed is tried again. */
export class LeaseTimes {
  readonly #clock: Clock
  /** Ends of leases on the clock that cannot be set back; known only for those asked for in this life. */
  readonly #untilMonotonic = new Map<string, number>()
  readonly #retries = new Map<string, { readonly count: number; readonly atMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  begin(id: string, forMs: number): void {
    this.#untilMonotonic.set(id, this.#clock.monotonicMs() + forMs)
  }

  failed(id: string): void {
    const count = (this.#retries.get(id)?.count ?? -1) + 1
    const waitMs = retryMs[Math.min(count, retryMs.length - 1)] ?? longestSleepMs
    this.#retries.set(id, { count, atMs: this.#clock.monotonicMs() + waitMs })
  }

  forget(id: string): void {
    this.#untilMonotonic.delete(id)
    this.#retries.delete(id)
  }

  /** Over by either clock: a wall clock that was set back must not make a lease longer. */
  isOver(fault: Fault): boolean {
    if (fault.state === 'ending') return true
    const until = this.#untilMonotonic.get(fault.id)
    return this.#clock.nowMs() >= fault.leaseUntilMs || (until !== undefined && this.#clock.monotonicMs() >= until)
  }

  /** Whether its end is to be tried now: for the first time, or again. */
  isDue(fault: Fault): boolean {
    return fault.state === 'ending' ? this.#retryInMs(fault) <= 0 : this.isOver(fault)
  }

  /** How long nothing has to be done; never so long that a clock that is set could matter. */
  restMs(open: readonly Fault[]): number {
    const inMs = (fault: Fault) =>
      fault.state === 'ending' ? this.#retryInMs(fault) : fault.leaseUntilMs - this.#clock.nowMs()
    return Math.min(longestSleepMs, Math.max(shortestSleepMs, Math.min(...open.map(inMs))))
  }

  #retryInMs({ id }: Fault): number {
    return (this.#retries.get(id)?.atMs ?? 0) - this.#clock.monotonicMs()
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@ezone/sdk/clock'

/**
 * Time that runs `speed` times as fast as the wall clock, and lies in the past all the while: it reaches the wall clock
 * when the simulation is over at the latest. So a position may carry the time it was taken at, and is never ahead.
 */
export class SimTime {
  readonly #clock: Clock
  readonly #speed: number
  readonly #beganMs: number
  readonly #beganMonotonicMs: number

  /** @param wallMs how long the simulation may take by the wall clock */
  constructor(clock: Clock, speed: number, wallMs: number) {
    this.#clock = clock
    this.#speed = speed
    this.#beganMonotonicMs = clock.monotonicMs()
    this.#beganMs = clock.nowMs() - wallMs * (speed - 1)
  }

  /** Simulated minutes since the beginning. */
  elapsedMin(): number {
    return this.#elapsedMs() / 60_000
  }

  /** The simulated time as milliseconds since the Unix epoch. */
  nowMs(): number {
    return Math.floor(this.#beganMs + this.#elapsedMs())
  }

  /** Waits so many simulated minutes. */
  async pass(minutes: number, signal: AbortSignal): Promise<void> {
    await sleep(Math.max(0, (minutes * 60_000) / this.#speed), undefined, { signal })
  }

  /** Waits until so many simulated minutes since the beginning have passed. */
  until(minutes: number, signal: AbortSignal): Promise<void> {
    return this.pass(minutes - this.elapsedMin(), signal)
  }

  #elapsedMs = () => (this.#clock.monotonicMs() - this.#beganMonotonicMs) * this.#speed
}

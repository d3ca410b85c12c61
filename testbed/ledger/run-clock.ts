import type { Clock } from '@ezone/sdk/model'

/**
 * The clock of one run: the wall clock is read once, and from then on a clock that cannot be set back counts. So what the
 * clients saw, and what was told with a wall clock's time, stand on one axis.
 */
export class RunClock {
  /** Milliseconds since the Unix epoch. */
  readonly startedAtMs: number
  readonly #clock: Clock
  readonly #beganMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.startedAtMs = Math.floor(clock.nowMs())
    this.#beganMs = clock.monotonicMs()
  }

  /** Milliseconds since the run began, in microseconds' steps. */
  readonly atMs = (): number => round(this.#clock.monotonicMs() - this.#beganMs)

  /**
   * When something happened that another program has stamped, and that was seen now but not yet at `notBeforeMs`. That
   * program's clock may be wrong on purpose: it is believed within these bounds alone.
   */
  seen(stampedMs: number, notBeforeMs: number): number {
    const stamped = stampedMs - this.startedAtMs
    return round(Math.max(Math.min(stamped, this.atMs()), notBeforeMs))
  }
}

const round = (ms: number) => Math.round(ms * 1000) / 1000

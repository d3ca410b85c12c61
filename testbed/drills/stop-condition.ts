import type { Clock } from '@ezone/sdk/model'
import type { Scenario } from './schema.ts'

interface Counts {
  readonly ok: number
  readonly failed: number
  readonly unknown: number
}

/** When a drill does more harm than it teaches: too few operations end well, for too long. */
export class StopCondition {
  readonly #limit: Scenario['stop']
  readonly #clock: Clock
  #last: Counts = { ok: 0, failed: 0, unknown: 0 }
  #badSinceMs: number | null = null

  constructor(limit: Scenario['stop'], clock: Clock) {
    this.#limit = limit
    this.#clock = clock
  }

  /** Looks at what was done since the last look; says why to stop, or null. */
  look(now: Counts): string | null {
    const ok = now.ok - this.#last.ok
    const all = ok + now.failed - this.#last.failed + now.unknown - this.#last.unknown
    this.#last = { ...now }
    const nowMs = this.#clock.monotonicMs()
    // Where nothing at all was answered, nothing was answered well.
    if (all > 0 && ok / all >= this.#limit.okShareBelow && ok > 0) {
      this.#badSinceMs = null
      return null
    }
    this.#badSinceMs ??= nowMs
    if (nowMs - this.#badSinceMs < this.#limit.for) return null
    const seconds = Math.round((nowMs - this.#badSinceMs) / 1000)
    return `for ${seconds} s less than ${Math.round(this.#limit.okShareBelow * 100)} % of all operations ended well`
  }
}

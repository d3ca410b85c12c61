import type { Clock } from '@ezone/sdk'

const windowSeconds = 10

/** Counts events of the last 10 s, one bucket per second: constant memory, whatever the load. */
export class RecentCount {
  readonly #clock: Clock
  readonly #buckets = Array.from({ length: windowSeconds }, () => ({ second: -1, count: 0 }))

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(): void {
    const second = this.#second()
    const bucket = this.#buckets[second % windowSeconds]
    if (bucket === undefined) return
    if (bucket.second !== second) Object.assign(bucket, { second, count: 0 })
    bucket.count++
  }

  get value(): number {
    const oldest = this.#second() - windowSeconds
    return this.#buckets.reduce((sum, { second, count }) => (second > oldest ? sum + count : sum), 0)
  }

  #second(): number {
    return Math.floor(this.#clock.monotonicMs() / 1000)
  }
}

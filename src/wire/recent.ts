import type { Clock } from '@ezone/sdk'

interface Bucket {
  second: number
  value: number
}

/** What happened lately, one bucket per second: constant memory, whatever the load. */
class Recent {
  readonly #clock: Clock
  readonly #buckets: Bucket[]

  constructor(clock: Clock, seconds: number) {
    this.#clock = clock
    this.#buckets = Array.from({ length: seconds }, () => ({ second: -1, value: 0 }))
  }

  /** The bucket of this second. */
  get current(): Bucket {
    const second = this.#second()
    const bucket = this.#buckets[second % this.#buckets.length] as Bucket
    if (bucket.second !== second) Object.assign(bucket, { second, value: 0 })
    return bucket
  }

  get values(): readonly number[] {
    const oldest = this.#second() - this.#buckets.length
    return this.#buckets.filter(({ second }) => second > oldest && second >= 0).map(({ value }) => value)
  }

  #second(): number {
    return Math.floor(this.#clock.monotonicMs() / 1000)
  }
}

/** Counts events of the last seconds. */
export class RecentCount {
  readonly #recent: Recent

  constructor(clock: Clock, seconds: number) {
    this.#recent = new Recent(clock, seconds)
  }

  add(): void {
    this.#recent.current.value++
  }

  get value(): number {
    return this.#recent.values.reduce((sum, value) => sum + value, 0)
  }
}

/** The greatest value of the last seconds, 0 where there was none. */
export class RecentMax {
  readonly #recent: Recent

  constructor(clock: Clock, seconds: number) {
    this.#recent = new Recent(clock, seconds)
  }

  add(value: number): void {
    const { current } = this.#recent
    current.value = Math.max(current.value, value)
  }

  get value(): number {
    return Math.max(0, ...this.#recent.values)
  }
}

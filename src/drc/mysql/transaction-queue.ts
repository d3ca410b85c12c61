import type { SourceTransaction } from '../core/types.ts'

/** The tap before a bounded queue. */
export interface Tap {
  readonly pause: () => void
  readonly resume: () => void
}

/** What was captured and not yet taken. Bounded by bytes: above, the tap is closed; at half, it is opened again. */
export class TransactionQueue {
  readonly #bytesMax: number
  readonly #tap: Tap
  readonly #waiting: { readonly transaction: SourceTransaction; readonly bytes: number }[] = []
  #bytes = 0
  #wake: (() => void) | null = null
  #failure: { readonly error: unknown } | null = null
  paused = false
  touchedMs = 0

  constructor(bytesMax: number, tap: Tap) {
    this.#bytesMax = bytesMax
    this.#tap = tap
  }

  get failed(): boolean {
    return this.#failure !== null
  }

  /** The source was heard of at this moment. */
  touch(atMs: number): void {
    this.touchedMs = atMs
  }

  push(transaction: SourceTransaction, bytes: number): void {
    this.#waiting.push({ transaction, bytes })
    this.#bytes += bytes
    if (this.#bytes > this.#bytesMax && !this.paused) {
      this.paused = true
      this.#tap.pause()
    }
    this.#wake?.()
  }

  /** The first failure stays; what was captured before it can still be taken. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake?.()
  }

  async next(): Promise<SourceTransaction> {
    for (;;) {
      const first = this.#waiting.shift()
      if (first) {
        this.#taken(first.bytes)
        return first.transaction
      }
      if (this.#failure) throw this.#failure.error
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      await promise
      this.#wake = null
    }
  }

  #taken(bytes: number): void {
    this.#bytes -= bytes
    if (this.paused && this.#bytes < this.#bytesMax / 2) {
      this.paused = false
      this.#tap.resume()
    }
  }
}

import assert from 'node:assert/strict'
import { type Clock, serviceLimits, type TableSubscription } from '@ezone/sdk'
import { RecentMax } from './recent.ts'
import { requestsAtOnceMax } from './upstream.ts'

/** A request waits no longer than this for the table that lets it go, all its waits together. */
export const holdMsMax = 2_000
/** Requests that wait at once. */
const heldMax = 400

assert(heldMax + requestsAtOnceMax < serviceLimits.requestsAtOnceMax, 'a shard that is frozen must not stop another')

export interface HoldStats {
  readonly now: number
  /** Requests that waited, since the start; of these, that waited in vain or found too many waiting already. */
  readonly total: number
  readonly inVain: number
  readonly longestMs: number
  /** Of the last minute. */
  readonly longestLatelyMs: number
}

/** The requests that wait for a newer table, while their shard is on its way from one zone to another. */
export class Hold {
  readonly #table: TableSubscription
  readonly #clock: Clock
  readonly #lately: RecentMax
  #now = 0
  #total = 0
  #inVain = 0
  #longestMs = 0

  constructor(table: TableSubscription, clock: Clock) {
    this.#table = table
    this.#clock = clock
    this.#lately = new RecentMax(clock, 60)
  }

  /** The waits of one request. @param atMostMs less than the limit where nobody waits as long */
  begin(atMostMs: number): Waits {
    return new Waits({
      clock: this.#clock,
      atMostMs: Math.min(atMostMs, holdMsMax),
      newer: (version, signal) => this.#wait(version, signal),
      full: () => this.#now >= heldMax,
      ended: (heldMs, inVain) => this.#ended(heldMs, inVain),
    })
  }

  stats(): HoldStats {
    return {
      now: this.#now,
      total: this.#total,
      inVain: this.#inVain,
      longestMs: Math.round(this.#longestMs),
      longestLatelyMs: Math.round(this.#lately.value),
    }
  }

  async #wait(version: number, signal: AbortSignal): Promise<void> {
    this.#now++
    try {
      await this.#table.newer(version, signal)
    } finally {
      this.#now--
    }
  }

  #ended(heldMs: number, inVain: boolean): void {
    this.#total++
    if (inVain) this.#inVain++
    this.#longestMs = Math.max(this.#longestMs, heldMs)
    this.#lately.add(heldMs)
  }
}

interface WaitsOptions {
  readonly clock: Clock
  readonly atMostMs: number
  readonly newer: (version: number, signal: AbortSignal) => Promise<void>
  readonly full: () => boolean
  readonly ended: (heldMs: number, inVain: boolean) => void
}

/**
 * All waits of a request together are never more than its limit. What its zone takes to answer in between does not count:
 * a zone that is slow would eat up the time that the move needs.
 */
export class Waits implements Disposable {
  readonly #options: WaitsOptions
  #heldMs: number | undefined
  #inVain = false

  constructor(options: WaitsOptions) {
    this.#options = options
  }

  get heldMs(): number {
    return this.#heldMs ?? 0
  }

  /**
   * Waits for a table newer than `version`, or `pauseMs`, whichever comes first. False where the limit is reached or
   * too many wait: then there is nothing more to wait for. @throws the signal's reason
   */
  async wait(version: number, pauseMs: number, signal: AbortSignal): Promise<boolean> {
    const { clock, atMostMs, newer, full } = this.#options
    this.#heldMs ??= 0
    const leftMs = atMostMs - this.#heldMs
    this.#inVain = leftMs <= 0 || full()
    if (this.#inVain) return false
    const sinceMs = clock.monotonicMs()
    const over = AbortSignal.timeout(Math.ceil(Math.min(pauseMs, leftMs)))
    try {
      await newer(version, AbortSignal.any([signal, over]))
    } catch (error) {
      signal.throwIfAborted()
      if (!over.aborted) throw error
    } finally {
      this.#heldMs += clock.monotonicMs() - sinceMs
    }
    return true
  }

  [Symbol.dispose](): void {
    if (this.#heldMs !== undefined) this.#options.ended(this.heldMs, this.#inVain)
  }
}

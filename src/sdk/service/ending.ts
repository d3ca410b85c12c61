/**
 * A signal that is aborted with another one, or when its time is over; whichever comes first. Ended, nothing of it is left:
 * what AbortSignal.timeout and AbortSignal.any make stays, with its timer and its place in the long-lived signal, until
 * the collector finds it, and for every request that is the greatest part of what it leaves behind.
 *
 *   using ending = new Ending(500, call.signal)
 *   await fetch(url, { signal: ending.signal })
 */
export class Ending implements Disposable {
  readonly #own = new AbortController()
  readonly #with: AbortSignal
  readonly #timer: NodeJS.Timeout
  readonly #abort = () => this.#own.abort(this.#with.reason)

  /** @param ms from now; then the reason is a TimeoutError, as of AbortSignal.timeout */
  constructor(ms: number, signal: AbortSignal) {
    this.#with = signal
    this.#timer = setTimeout(() => this.#own.abort(new DOMException('The time is over', 'TimeoutError')), ms).unref()
    if (signal.aborted) this.#abort()
    else signal.addEventListener('abort', this.#abort, { once: true })
  }

  get signal(): AbortSignal {
    return this.#own.signal
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#with.removeEventListener('abort', this.#abort)
  }
}

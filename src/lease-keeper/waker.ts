import { once, setMaxListeners } from 'node:events'

/** Ends a loop's pause when something has happened. Nothing that happened between looking and waiting is missed. */
export class Waker {
  readonly #target = new EventTarget()
  #times = 0

  constructor() {
    setMaxListeners(0, this.#target)
  }

  /** How often it was woken. */
  get times(): number {
    return this.#times
  }

  wake(): void {
    this.#times++
    this.#target.dispatchEvent(new Event('wake'))
  }

  /** Until it was woken after `since`, the time is over, or the signal aborts; never throws. */
  async wait(since: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#times !== since || signal.aborted) return
    const end = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(ms))])
    await once(this.#target, 'wake', { signal: end }).catch(() => {})
  }
}

import { once, setMaxListeners } from 'node:events'

/** Tells any number of waiters that something has changed. Nothing rung between looking and waiting is missed. */
export class Bell {
  readonly #target = new EventTarget()
  #revision = 0

  constructor() {
    setMaxListeners(0, this.#target)
  }

  get revision(): number {
    return this.#revision
  }

  ring(): void {
    this.#revision++
    this.#target.dispatchEvent(new Event('ring'))
  }

  /** Until it has been rung after `since`, the time is over, or the signal aborts; never throws. */
  async wait(since: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#revision !== since || signal.aborted || ms <= 0) return
    await once(this.#target, 'ring', { signal: AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(ms))]) }).catch(
      () => {},
    )
  }
}

import { type ZookeeperCode, ZookeeperError } from './errors.ts'
import type { JuteReader } from './jute.ts'
import type { Request } from './requests.ts'

/** A request on its way. It is settled once; its frame may still be in flight after that, when its caller gave up. */
export class Pending {
  readonly request: Request<unknown>
  attempts = 0
  /** Whether it waits in the client, for the first time or again. */
  waiting = false
  /** On the monotonic clock, of the last attempt. */
  sentAtMs = 0
  #onSettled: (() => void) | null
  readonly #resolve: (value: unknown) => void
  readonly #reject: (reason: unknown) => void

  constructor(
    request: Request<unknown>,
    settle: { resolve: (value: unknown) => void; reject: (reason: unknown) => void; onSettled: () => void },
  ) {
    this.request = request
    this.#resolve = settle.resolve
    this.#reject = settle.reject
    this.#onSettled = settle.onSettled
  }

  get settled(): boolean {
    return this.#onSettled === null
  }

  get sent(): boolean {
    return this.attempts > 0
  }

  answer(reader: JuteReader): void {
    if (this.settled) return
    try {
      const value = this.request.read(reader)
      this.#settle()
      this.#resolve(value)
    } catch (error) {
      this.reject(error)
    }
  }

  /** The first reason wins. */
  reject(reason: unknown): void {
    if (this.settled) return
    this.#settle()
    this.#reject(reason)
  }

  /** Rejects with what is known of the outcome: a write that was sent may have been done. */
  fail(code: ZookeeperCode, why: string, cause?: unknown): void {
    const { name, path, writes } = this.request
    const outcome = writes && this.sent ? 'unknown' : 'none'
    const said = outcome === 'unknown' ? 'it may have been done' : 'nothing was done'
    const what = path === null ? name : `${name} ${path}`
    this.reject(new ZookeeperError(code, `${what}: ${why}; ${said}`, { path, outcome, cause }))
  }

  #settle(): void {
    this.#onSettled?.()
    this.#onSettled = null
  }
}

import type { Connection } from './connection.ts'
import type { ZookeeperCode, ZookeeperError } from './errors.ts'
import { limits } from './limits.ts'
import { Pending } from './pending.ts'
import type { Request } from './requests.ts'
import type { RequestOptions } from './types.ts'

/** Requests in the order they were made: waiting here, or in flight on the connection there is. */
export class RequestQueue {
  readonly #waitingMax: number
  readonly #timeoutMs: number
  #waiting: Pending[] = []
  #connection: Connection | null = null
  #closed: ZookeeperError | null = null

  constructor(options: { readonly waitingMax: number; readonly timeoutMs: number }) {
    this.#waitingMax = options.waitingMax
    this.#timeoutMs = options.timeoutMs
  }

  submit<T>(request: Request<T>, { signal, timeoutMs = this.#timeoutMs }: RequestOptions = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      if (this.#closed !== null) return reject(this.#closed)
      const pending = new Pending(request as Request<unknown>, {
        resolve: resolve as (value: unknown) => void,
        reject,
        onSettled: () => {
          clearTimeout(deadline)
          signal?.removeEventListener('abort', giveUp)
          this.#drop(pending)
        },
      })
      const giveUp = () => pending.reject(signal?.reason)
      const deadline = setTimeout(() => this.#late(pending, timeoutMs), timeoutMs)
      signal?.addEventListener('abort', giveUp, { once: true })
      if (this.#waiting.length >= this.#waitingMax)
        return pending.fail('TOO_MANY_REQUESTS', `${this.#waitingMax} requests wait already`)
      pending.waiting = true
      this.#waiting.push(pending)
      this.pump()
    })
  }

  /** From now on requests go out here. */
  use(connection: Connection): void {
    this.#connection = connection
    this.pump()
  }

  /** From now on requests wait. */
  hold(): void {
    this.#connection = null
  }

  pump(): void {
    const connection = this.#connection
    while (connection !== null && !connection.over && !connection.full) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      next.waiting = false
      connection.send(next)
    }
  }

  /** After the end of a connection: what only reads is asked again, what writes has an unknown outcome. */
  takeBack(unanswered: readonly Pending[], reason: unknown): void {
    const over = this.#closed
    const again = unanswered.filter(
      ({ settled, request, attempts }) => !settled && over === null && !request.writes && attempts < limits.attemptsMax,
    )
    for (const pending of new Set(unanswered).difference(new Set(again)))
      if (over === null) pending.fail('CONNECTION_LOSS', 'the connection ended before the answer', reason)
      else pending.fail(over.code, over.message, reason)
    for (const pending of again) pending.waiting = true
    this.#waiting.unshift(...again)
  }

  /**
   * Writes that still wait were meant for the session that is over: whoever asked for them may have believed in an
   * ephemeral of it. None was sent.
   */
  refuseWrites(code: ZookeeperCode, why: string): void {
    for (const pending of this.#waiting.filter(({ request }) => request.writes)) pending.fail(code, why)
  }

  close(reason: ZookeeperError): void {
    this.#closed ??= reason
    this.hold()
    for (const pending of [...this.#waiting]) pending.fail(reason.code, reason.message, reason.cause)
  }

  #late(pending: Pending, timeoutMs: number): void {
    if (this.#connection === null && !pending.sent)
      pending.fail('CONNECTION_LOSS', `no connection within ${timeoutMs} ms`)
    else pending.fail('OPERATION_TIMEOUT', `no answer within ${timeoutMs} ms`)
  }

  #drop(pending: Pending): void {
    if (pending.waiting) this.#waiting.splice(this.#waiting.indexOf(pending), 1)
    pending.waiting = false
  }
}

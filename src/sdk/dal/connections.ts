import { type Clock, EzoneError, fenceLimits, type MysqlAccess } from '../model/index.ts'
import { limits } from './limits.ts'
import { serverSaid } from './outcome.ts'
import { Session, type SessionOptions } from './session.ts'

export interface ConnectionsOptions extends Partial<SessionOptions> {
  readonly mysql: MysqlAccess
  readonly clock: Clock
  readonly connectionsMax?: number
}

interface Waiter {
  /** Hands over a connection, or the right to open one. */
  readonly go: (session?: Session) => void
  readonly fail: (error: unknown) => void
}

/**
 * A bounded pool. The one used last is used next, and none that has been idle for long: neither the server's
 * `wait_timeout` nor a pause of this process shall end a connection just as something is sent on it.
 */
export class Connections implements AsyncDisposable {
  readonly #options: Required<ConnectionsOptions>
  readonly #idle: { readonly session: Session; readonly sinceMs: number }[] = []
  readonly #waiting: Waiter[] = []
  #open = 0
  #closed = false
  #reaper: NodeJS.Timeout | undefined

  constructor(options: ConnectionsOptions) {
    const { connectionsMax, connectMs, statementMs } = limits
    this.#options = { connectionsMax, connectMs, statementMs, autocommit: true, ...options }
  }

  /**
   * A connection that nobody else uses until it is given back.
   * @throws EZ_STORE_UNREACHABLE; EZ_OVERLOADED where none became free in time; the signal's reason
   */
  async take(signal?: AbortSignal): Promise<Session> {
    signal?.throwIfAborted()
    for (;;) {
      const idle = this.#idle.pop()
      if (idle === undefined) break
      if (this.#fresh(idle)) return idle.session
      this.#drop(idle.session)
    }
    if (this.#closed) throw new EzoneError('EZ_STORE_UNREACHABLE', 'the service is ending')
    if (this.#open >= this.#options.connectionsMax) {
      const handed = await this.#turn(signal)
      if (handed) return handed
    } else this.#open++
    try {
      return await Session.open(this.#options.mysql, this.#options)
    } catch (cause) {
      this.#closedOne()
      throw new EzoneError('EZ_STORE_UNREACHABLE', 'the database cannot be reached', { cause })
    }
  }

  /**
   * Uses a connection for statements that stand by themselves.
   * @throws as `take`; what MySQL or the work says; EZ_STORE_UNREACHABLE where the database did not answer
   */
  async with<T>(use: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const session = await this.take(signal)
    try {
      return await use(session)
    } catch (error) {
      if (serverSaid(error) || EzoneError.is(error)) throw error
      throw new EzoneError('EZ_STORE_UNREACHABLE', 'the database does not answer', { cause: error })
    } finally {
      this.give(session)
    }
  }

  give(session: Session): void {
    if (session.lost || this.#closed) this.#drop(session)
    else if (this.#waiting.length > 0) this.#waiting.shift()?.go(session)
    else {
      this.#idle.push({ session, sinceMs: this.#options.clock.monotonicMs() })
      this.#reaper ??= setInterval(() => this.#reap(), fenceLimits.idleMs / 2).unref()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearInterval(this.#reaper)
    for (const { fail } of this.#waiting.splice(0))
      fail(new EzoneError('EZ_STORE_UNREACHABLE', 'the service is ending'))
    await Promise.all(this.#idle.splice(0).map(({ session }) => session.end()))
  }

  #fresh({ session, sinceMs }: { session: Session; sinceMs: number }): boolean {
    return session.lost === undefined && this.#options.clock.monotonicMs() - sinceMs < fenceLimits.idleMs
  }

  #reap(): void {
    const old = this.#idle.filter((idle) => !this.#fresh(idle))
    for (const idle of old) {
      this.#idle.splice(this.#idle.indexOf(idle), 1)
      this.#drop(idle.session)
    }
    if (this.#idle.length > 0) return
    clearInterval(this.#reaper)
    this.#reaper = undefined
  }

  #drop(session: Session): void {
    session.destroy()
    this.#closedOne()
  }

  #closedOne(): void {
    const waiter = this.#waiting.shift()
    if (waiter) waiter.go()
    else this.#open--
  }

  /** Waits in line until one was given back, or dropped: then its place is ours, and nothing comes. */
  #turn(signal: AbortSignal | undefined): Promise<Session | undefined> {
    if (this.#waiting.length >= limits.waitingMax)
      return Promise.reject(
        new EzoneError('EZ_OVERLOADED', `${limits.waitingMax} requests wait for the database already`),
      )
    const late = AbortSignal.timeout(limits.waitingMs)
    return new Promise((resolve, reject) => {
      const end = signal ? AbortSignal.any([signal, late]) : late
      const waiter = {
        go: (session?: Session) => {
          end.removeEventListener('abort', aborted)
          resolve(session)
        },
        fail: (error: unknown) => {
          end.removeEventListener('abort', aborted)
          reject(error)
        },
      }
      const aborted = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(
          signal?.aborted
            ? signal.reason
            : new EzoneError(
                'EZ_OVERLOADED',
                `no connection to the database became free within ${limits.waitingMs} ms`,
              ),
        )
      }
      end.addEventListener('abort', aborted, { once: true })
      this.#waiting.push(waiter)
    })
  }
}

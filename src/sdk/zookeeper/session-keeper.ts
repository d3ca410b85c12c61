import { setTimeout as sleep } from 'node:timers/promises'
import type { Address, Clock } from '../model/index.ts'
import { Connection } from './connection.ts'
import { ZookeeperError } from './errors.ts'
import { limits, paceOf } from './limits.ts'
import { tellAll } from './listeners.ts'
import { specialXids } from './protocol.ts'
import { RequestQueue } from './queue.ts'
import { authFrame, noSession } from './records.ts'
import { closeRequest } from './requests.ts'
import { serves } from './serves.ts'
import type { Session, SessionEvent, SessionState, ZookeeperOptions } from './types.ts'
import { Watches } from './watches.ts'

/** Keeps one session alive over whichever server answers, and begins a new one when the old one is over. */
export class SessionKeeper {
  readonly queue: RequestQueue
  readonly watches = new Watches()
  readonly #options: ZookeeperOptions
  readonly #clock: Clock
  readonly #listeners = new Set<(event: SessionEvent) => void>()
  readonly #closing = new AbortController()
  readonly #done: Promise<void>
  #state: SessionState = 'connecting'
  #session: Session | null = null
  #held: { readonly id: bigint; readonly password: Buffer }
  #connection: Connection | null = null
  #lastZxid = 0n
  /** When the last request that a server answered was sent. */
  #provenAtMs = Number.NEGATIVE_INFINITY
  /** The server that was lost last is tried last. */
  #lost: Address | null = null
  #returnEveryMs: number

  constructor(options: ZookeeperOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#held = options.resume ?? noSession
    this.#returnEveryMs = options.returnEveryMs ?? limits.returnEveryMs
    this.queue = new RequestQueue({
      waitingMax: options.requestsWaitingMax ?? limits.requestsWaitingMax,
      timeoutMs: options.requestTimeoutMs ?? limits.requestTimeoutMs,
    })
    this.#done = this.#run().catch((error: unknown) => this.#end(error))
    options.signal?.addEventListener('abort', this.#abort, { once: true })
    if (options.signal?.aborted) this.#abort()
  }

  get state(): SessionState {
    return this.#state
  }

  get session(): Session | null {
    return this.#session
  }

  /** Why it is closed. */
  get reason(): unknown {
    return this.#closing.signal.reason
  }

  get provenForMs(): number {
    const safeMs = this.#session === null ? 0 : paceOf(this.#session.timeoutMs, 1).safeMs
    return this.#provenAtMs + safeMs - this.#clock.monotonicMs()
  }

  listen(listener: (event: SessionEvent) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** Ends the session at the server, where one can be reached at once, and then everything of this client. */
  async close(): Promise<void> {
    if (this.#state === 'connected')
      await this.queue.submit(closeRequest(), { timeoutMs: limits.goodbyeMs }).catch(() => undefined)
    this.#end(undefined)
    await this.#done
  }

  #abort = () => void this.close()

  #end(cause: unknown): void {
    if (this.#state === 'closed') return
    this.#options.signal?.removeEventListener('abort', this.#abort)
    this.#state = 'closed'
    const reason =
      cause instanceof ZookeeperError ? cause : new ZookeeperError('CLOSED', 'the client was closed', { cause })
    this.queue.close(reason)
    this.#closing.abort(reason)
    this.#connection?.end(reason)
    this.#tell({ type: 'closed', reason })
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const connection = await this.#open()
      if (connection === null) return
      this.#lost = null
      if (this.#closing.signal.aborted) connection.end(this.#closing.signal.reason)
      void this.#returnHome(connection)
      const reason = await connection.ended
      this.#connection = null
      this.queue.hold()
      this.queue.takeBack(connection.takeUnanswered(), reason)
      if (this.#closing.signal.aborted) return
      if (!(reason instanceof GoingHome)) this.#lost = connection.server
      this.#state = 'suspended'
      this.#tell({ type: 'suspended', reason })
    }
  }

  /** A connection with the session on it; null when the client is closed. Tries all servers for ever. */
  async #open(): Promise<Connection | null> {
    let backoffMs: number = limits.backoffMsMin
    while (!this.#closing.signal.aborted) {
      for (const server of this.#order()) {
        const connection = await this.#attempt(server)
        if (connection !== null) return connection
        if (this.#closing.signal.aborted) return null
      }
      await sleep(backoffMs, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined)
      backoffMs = Math.min(backoffMs * 2, limits.backoffMsMax)
    }
    return null
  }

  #order(): readonly Address[] {
    const { servers } = this.#options
    return this.#lost === null ? servers : [...servers.filter((server) => server !== this.#lost), this.#lost]
  }

  async #attempt(server: Address): Promise<Connection | null> {
    const { servers, sessionTimeoutMs = limits.sessionTimeoutMs } = this.#options
    const connection = new Connection({
      server,
      servers: servers.length,
      inFlightMax: this.#options.requestsInFlightMax ?? limits.requestsInFlightMax,
      clock: this.#clock,
      greeting: {
        lastZxid: this.#lastZxid,
        timeoutMs: sessionTimeoutMs,
        sessionId: this.#held.id,
        password: this.#held.password,
      },
      onEvent: (event) => this.watches.dispatch(event),
      onAnswer: ({ sentAtMs, zxid }) => {
        this.#provenAtMs = Math.max(this.#provenAtMs, sentAtMs)
        if (zxid > this.#lastZxid) this.#lastZxid = zxid
        this.queue.pump()
      },
    })
    const late = setTimeout(
      () => connection.end(new Error('the server does not greet')),
      paceOf(sessionTimeoutMs, servers.length).attemptMs,
    )
    this.#connection = connection
    try {
      return await this.#establish(connection)
    } catch (error) {
      connection.end(error)
      if (ZookeeperError.is(error, 'AUTH_FAILED')) throw error
      return null
    } finally {
      clearTimeout(late)
    }
  }

  /** Session, identity, watches: in this order, and requests only when all stand. */
  async #establish(connection: Connection): Promise<Connection | null> {
    const granted = await connection.welcome()
    if (granted.timeoutMs <= 0) {
      const refused = new Error('the server ended the session')
      connection.end(refused)
      if (this.#held.id === noSession.id) throw refused
      this.#expire()
      return this.#closing.signal.aborted ? null : this.#attempt(connection.server)
    }
    const fresh = granted.sessionId !== this.#held.id
    this.#held = { id: granted.sessionId, password: granted.password }
    this.#session = { ...this.#held, timeoutMs: granted.timeoutMs, server: connection.server }
    const { auth } = this.#options
    if (auth !== undefined)
      await connection.special(specialXids.auth, authFrame(auth.user, auth.password), 'authentication')
    for (const frame of this.watches.frames(this.#lastZxid))
      await connection.special(specialXids.setWatches, frame, 'setWatches')
    if (connection.over) return null
    this.#state = 'connected'
    this.queue.use(connection)
    this.#tell({ type: 'connected', fresh, sessionId: granted.sessionId, server: connection.server })
    return connection
  }

  #expire(): void {
    const sessionId = this.#held.id
    this.#held = noSession
    this.#session = null
    this.#provenAtMs = Number.NEGATIVE_INFINITY
    this.queue.refuseWrites('SESSION_EXPIRED', 'the session it was meant for is over')
    this.#tell({ type: 'expired', sessionId })
  }

  /**
   * Away from the preferred server: asks it now and then whether it serves again, and ends this connection in a quiet
   * moment if so; the next one begins there. Each return that leads nowhere doubles the wait for the next.
   */
  async #returnHome(connection: Connection): Promise<void> {
    const [home] = this.#options.servers
    if (home === undefined || connection.server === home) {
      this.#returnEveryMs = this.#options.returnEveryMs ?? limits.returnEveryMs
      return
    }
    const stop = new AbortController()
    void connection.ended.then(() => stop.abort())
    while (!stop.signal.aborted) {
      await sleep(this.#returnEveryMs, undefined, { signal: stop.signal, ref: false }).catch(() => undefined)
      if (stop.signal.aborted || !(await serves(home, stop.signal))) continue
      this.#returnEveryMs = Math.min(this.#returnEveryMs * 2, limits.returnEveryMsMax)
      this.queue.hold()
      const since = this.#clock.monotonicMs()
      while (!connection.idle && !connection.over && this.#clock.monotonicMs() - since < limits.drainMs)
        await sleep(5, undefined, { ref: false })
      connection.end(new GoingHome(`${home.host} serves again`))
    }
  }

  #tell(event: SessionEvent): void {
    tellAll(this.#listeners, event)
  }
}

class GoingHome extends Error {}

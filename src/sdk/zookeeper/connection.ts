import { connect, type Socket } from 'node:net'
import type { Address, Clock } from '../model/index.ts'
import { refusal, ZookeeperError } from './errors.ts'
import { FrameSplitter } from './frames.ts'
import { JuteReader } from './jute.ts'
import { limits, type Pace, paceOf } from './limits.ts'
import type { Pending } from './pending.ts'
import { eventTypes, specialXids } from './protocol.ts'
import { type Greeting, greetingFrame, pingFrame, readReplyHeader, readWelcome } from './records.ts'
import type { WatchEvent } from './types.ts'

const xidMax = 0x7fff_ffff

export interface ConnectionOptions {
  readonly server: Address
  readonly servers: number
  readonly inFlightMax: number
  readonly clock: Clock
  readonly greeting: Greeting
  readonly onEvent: (event: WatchEvent) => void
  /** After each answer: there is room for another request, and the session is proven alive. */
  readonly onAnswer: (proof: { readonly sentAtMs: number; readonly zxid: bigint }) => void
}

/**
 * One TCP connection with a session on it. Requests go out at once and are answered in their order; pings keep the
 * session alive and tell a server that has gone silent.
 */
export class Connection {
  readonly server: Address
  readonly #options: ConnectionOptions
  readonly #socket: Socket
  readonly #frames = new FrameSplitter()
  readonly #ended = Promise.withResolvers<unknown>()
  /** Requests whose answer is to come, in the order of those. */
  #inFlight: { readonly xid: number; readonly pending: Pending }[] = []
  /** Answers to what is numbered by its kind, by xid. */
  readonly #special = new Map<number, { readonly sentAtMs: number; readonly settle: (error: number) => void }>()
  readonly #welcome = Promise.withResolvers<{ timeoutMs: number; sessionId: bigint; password: Buffer }>()
  #greetedAtMs = 0
  #welcomed = false
  #over = false
  #xid = 0
  #pace: Pace
  #lastHeardMs: number
  #lastSentMs: number
  #heart: NodeJS.Timeout | null = null

  constructor(options: ConnectionOptions) {
    this.server = options.server
    this.#options = options
    this.#pace = paceOf(options.greeting.timeoutMs, options.servers)
    this.#lastHeardMs = this.#lastSentMs = options.clock.monotonicMs()
    this.#welcome.promise.catch(() => undefined)
    this.#socket = connect({ ...options.server, noDelay: true })
    this.#socket.on('connect', () => this.#greet())
    this.#socket.on('data', (piece) => this.#onData(piece))
    this.#socket.on('error', (error) => this.end(error))
    this.#socket.on('close', () => this.end(new Error('the server closed the connection')))
  }

  /** Resolves with the reason when the connection is over. */
  get ended(): Promise<unknown> {
    return this.#ended.promise
  }

  get over(): boolean {
    return this.#over
  }

  get idle(): boolean {
    return this.#inFlight.length === 0
  }

  /** Takes no more for now; there is room again after an answer. */
  get full(): boolean {
    return this.#inFlight.length >= this.#options.inFlightMax || this.#socket.writableLength > limits.unsentBytesMax
  }

  /** What the server grants, as soon as it does; a timeout of 0 where the session is no more. */
  async welcome(): Promise<{ timeoutMs: number; sessionId: bigint; password: Buffer }> {
    const granted = await this.#welcome.promise
    if (granted.timeoutMs > 0 && !this.#over) {
      this.#pace = paceOf(granted.timeoutMs, this.#options.servers)
      this.#options.onAnswer({ sentAtMs: this.#greetedAtMs, zxid: 0n })
      this.#beat()
    }
    return granted
  }

  send(pending: Pending): void {
    if (this.#over) throw new TypeError('a connection that is over takes no request')
    this.#xid = this.#xid === xidMax ? 1 : this.#xid + 1
    const frame = pending.request.frame
    frame.writeInt32BE(this.#xid, 4)
    pending.attempts++
    pending.sentAtMs = this.#now()
    this.#inFlight.push({ xid: this.#xid, pending })
    this.#write(frame)
  }

  /** Sends what is numbered by its kind, one at a time, and waits for its answer. @throws what the server says */
  special(xid: number, frame: Buffer, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: number) => (error === 0 ? resolve() : reject(refusal(error, what, null)))
      this.#special.set(xid, { sentAtMs: this.#now(), settle })
      void this.ended.then((reason) =>
        reject(new ZookeeperError('CONNECTION_LOSS', `${what} was not answered`, { cause: reason })),
      )
      if (!this.#over) this.#write(frame)
    })
  }

  /** Ends it at once; the first reason is kept. */
  end(reason: unknown): void {
    if (this.#over) return
    this.#over = true
    if (this.#heart !== null) clearTimeout(this.#heart)
    this.#socket.destroy()
    this.#welcome.reject(reason)
    this.#ended.resolve(reason)
  }

  /** Hands over the requests that were not answered, in their order: once, after the end. */
  takeUnanswered(): readonly Pending[] {
    const unanswered = this.#inFlight.map(({ pending }) => pending)
    this.#inFlight = []
    return unanswered
  }

  #now = () => this.#options.clock.monotonicMs()

  #write(frame: Buffer): void {
    this.#lastSentMs = this.#now()
    this.#socket.write(frame)
  }

  #greet(): void {
    this.#greetedAtMs = this.#now()
    this.#write(greetingFrame(this.#options.greeting))
  }

  #onData(piece: Buffer): void {
    this.#lastHeardMs = this.#now()
    try {
      for (const frame of this.#frames.push(piece)) {
        if (this.#over) return
        this.#onFrame(new JuteReader(frame))
      }
    } catch (error) {
      this.end(error)
    }
  }

  #onFrame(reader: JuteReader): void {
    if (!this.#welcomed) {
      this.#welcomed = true
      this.#welcome.resolve(readWelcome(reader))
      return
    }
    const { xid, zxid, error } = readReplyHeader(reader)
    if (xid === specialXids.notification) this.#onNotification(reader, zxid)
    else if (xid < 0) this.#onSpecial(xid, zxid, error)
    else this.#onReply(xid, zxid, error, reader)
  }

  #onNotification(reader: JuteReader, zxid: bigint): void {
    const type = eventTypes.get(reader.int() as 1)
    reader.int()
    const path = reader.string()
    // Other types tell that a watch was removed, which only we do.
    if (type !== undefined) this.#options.onEvent({ type, path, zxid: zxid > 0n ? zxid : null })
  }

  #onSpecial(xid: number, zxid: bigint, error: number): void {
    const waiting = this.#special.get(xid)
    this.#special.delete(xid)
    if (waiting === undefined) return
    this.#options.onAnswer({ sentAtMs: waiting.sentAtMs, zxid })
    waiting.settle(error)
  }

  #onReply(xid: number, zxid: bigint, error: number, reader: JuteReader): void {
    const first = this.#inFlight.shift()
    if (first?.xid !== xid)
      throw new ZookeeperError('MARSHALLING_ERROR', `answer ${xid} came where ${first?.xid ?? 'none'} was due`)
    const { pending } = first
    const refused = error === 0 ? null : refusal(error, pending.request.name, pending.request.path)
    if (refused === null) pending.answer(reader)
    else pending.reject(refused)
    // The next connection finds out what has become of the session.
    if (ZookeeperError.is(refused, 'SESSION_EXPIRED', 'SESSION_MOVED')) this.end(refused)
    else this.#options.onAnswer({ sentAtMs: pending.sentAtMs, zxid })
  }

  /** A beat that comes late says that this process was held up, not the server: what it sent may not be read yet. */
  #beat(lateMs = 0): void {
    const now = this.#now()
    const everyMs = this.#pace.pingEveryMs / 4
    const silentMs = now - this.#lastHeardMs
    if (silentMs > this.#pace.silentMsMax && lateMs < everyMs) {
      this.end(new Error(`the server has been silent for ${Math.round(silentMs)} ms`))
      return
    }
    if (now - this.#lastSentMs >= this.#pace.pingEveryMs && !this.#special.has(specialXids.ping)) {
      this.#special.set(specialXids.ping, { sentAtMs: now, settle: () => undefined })
      this.#write(pingFrame())
    }
    this.#heart = setTimeout(() => this.#beat(this.#now() - now - everyMs), everyMs)
    this.#heart.unref()
  }
}

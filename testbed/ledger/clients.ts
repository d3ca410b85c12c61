import {
  type OrderMove,
  type OrderState,
  orderSchema,
  parseId,
  pointText,
  type TableIndex,
  unpackId,
  userSchema,
} from '@ezone/sdk/model'
import type { EdgeRequest, Exchange } from '../stress/edge-client.ts'
import type { LoadRecord, Operation, Reply } from '../stress/records.ts'
import type { OperationEntry } from './history.ts'
import { OrderBook, type TrackedOrder } from './order-book.ts'
import type { PlannedOperation, Seat } from './plan-operations.ts'

/** Whatever takes requests: the routers of the edge, or the SOA proxies of a zone. */
export interface Door {
  exchange(request: EdgeRequest, signal: AbortSignal): Promise<Exchange>
}

export interface ClientsOptions {
  readonly seats: readonly (Seat & { readonly door: Door })[]
  readonly plan: (index: number) => PlannedOperation
  /** Begins every key and phone of this run: 8 digits. */
  readonly run: string
  readonly index: TableIndex
  readonly atMs: () => number
}

/** Clients of one seat are told apart in the history; they share what they know. */
const clientsPerSeat = 10
/** A placing without a sure answer is repeated after so long, and so many are remembered. */
const againMs = 1_000
const unresolvedMax = 1_000
/** An order that nobody pays ends by itself: so long after its client forgot it. */
const payWithinS = 300
/** Business says no, and means it: the platform did its work. */
const orderGone = new Set(['EZ_UNKNOWN_ORDER'])

interface Unresolved {
  readonly planned: PlannedOperation
  readonly key: string
  readonly dueMs: number
}

export interface NumberedOperation {
  readonly index: number
  readonly operation: Operation
}

type Told = Pick<OperationEntry, 'client' | 'inside' | 'subject' | 'wanted' | 'saw' | 'riderId'>

/** What is asked, and what is done with the answer; whatever the answer, it is asked once. */
interface Asked extends Pick<Told, 'subject' | 'wanted'> {
  readonly kind: PlannedOperation['kind']
  readonly key: string | null
  readonly shard: number | null
  readonly request: EdgeRequest
  readonly learn: (reply: Reply, body: Exchange['body']) => void
  /** Of an ok answer. */
  readonly saw: (body: Exchange['body']) => string | null
}

/**
 * The clients of a run: customers and users outside, merchants inside the zones. They place orders and bring each to its
 * end, step by step, as far as the rate allows; what has no sure answer they repeat under its key.
 */
export class Clients {
  readonly #options: ClientsOptions
  readonly #books: readonly OrderBook[]
  readonly #unresolved = new Map<number, Unresolved[]>()
  readonly #told = new Map<number, Told & { readonly shard: number | null }>()

  constructor(options: ClientsOptions) {
    this.#options = options
    this.#books = options.seats.map(() => new OrderBook())
  }

  /** Orders that have not ended. */
  get open(): number {
    return this.#books.reduce((sum, book) => sum + book.open, 0)
  }

  operation(index: number): Operation {
    const planned = this.#options.plan(index)
    return this.#perform(index, planned.seat, this.#ask(planned))
  }

  /** From now on `ending` ends what is open, and nothing new is begun. */
  endOrders(): void {
    for (const book of this.#books) book.end()
  }

  /** A step towards the end of some order; undefined where none can be taken now. */
  ending(nextIndex: () => number): NumberedOperation | undefined {
    for (const [seat, book] of this.#books.entries()) {
      const track = book.takeReady(this.#options.atMs())
      const waiting = track === undefined ? book.takeAwaiting(this.#options.atMs()) : undefined
      if (track === undefined && waiting === undefined) continue
      const index = nextIndex()
      const asked = track === undefined ? waiting && this.#look(seat, waiting) : this.#advance(index, seat, track)
      return asked && { index, operation: this.#perform(index, seat, asked) }
    }
    return undefined
  }

  /** The entry of what a load has recorded; its times are still those of the load. */
  entryOf({ index, requestKey, ...record }: LoadRecord): Omit<OperationEntry, 'type'> {
    const told = this.#told.get(index)
    this.#told.delete(index)
    if (told === undefined) throw new TypeError(`operation ${index} was not of these clients`)
    return {
      index,
      client: told.client,
      inside: told.inside,
      kind: record.kind as OperationEntry['kind'],
      key: requestKey,
      subject: told.subject,
      wanted: told.wanted,
      intendedMs: record.intendedMs,
      sentMs: record.sentMs,
      answeredMs: record.answeredMs,
      outcome: record.outcome,
      code: record.code,
      zone: record.zone,
      shard: record.shard ?? told.shard,
      epoch: record.epoch,
      orderId: record.orderId,
      version: record.version,
      saw: told.saw,
      riderId: told.riderId,
      traceId: record.traceId,
    }
  }

  #perform(index: number, seat: number, asked: Asked): Operation {
    const { inside, door } = this.#seat(seat)
    const client = `${inside === null ? 'edge' : `tablet-${inside}`}-${(index % clientsPerSeat) + 1}`
    const { subject, wanted, shard } = asked
    const told = { client, inside, subject, wanted, shard }
    return {
      kind: asked.kind,
      requestKey: asked.key,
      send: async (signal) => {
        // Until it is known better: also where the asking itself fails.
        this.#told.set(index, { ...told, saw: null, riderId: null })
        const request = inside === null ? asked.request : { ...asked.request, path: `/orders${asked.request.path}` }
        const { reply, body } = await door.exchange(request, signal)
        asked.learn(reply, body)
        const saw = reply.outcome === 'ok' ? asked.saw(body) : null
        const riderId = typeof body.riderId === 'string' ? body.riderId : null
        this.#told.set(index, { ...told, saw, riderId })
        return reply
      },
    }
  }

  /** What was planned, or what can be done in its place: where no order is there to go on or to be read, one is placed. */
  #ask(planned: PlannedOperation): Asked {
    const { kind, seat, index } = planned
    if (kind === 'register') return this.#register(planned)
    const nowMs = this.#options.atMs()
    const book = this.#book(seat)
    if (kind === 'advance') {
      const track = book.takeReady(nowMs)
      if (track !== undefined) return this.#advance(index, seat, track)
    }
    if (kind !== 'place') {
      const track = book.takeAwaiting(nowMs)
      if (track !== undefined) return this.#look(seat, track)
      const orderId = book.pick(planned.chosen)
      if (orderId !== undefined) return this.#read(orderId)
    }
    const again = this.#unresolved.get(seat)?.[0]
    if (again === undefined || again.dueMs > nowMs) return this.#place(planned, this.#keyOf(index))
    this.#unresolved.get(seat)?.shift()
    return this.#place(again.planned, again.key)
  }

  #place(planned: PlannedOperation, key: string): Asked {
    const { cell, amountFen, fate, seat } = planned
    const body = { amountFen, payWithinS }
    return {
      kind: 'place',
      key,
      subject: null,
      wanted: null,
      shard: this.#shardOf(cell.cell),
      request: { method: 'POST', path: '/orders', tag: `geo=${pointText(cell.point)}`, requestKey: key, body },
      saw: stateOf,
      learn: ({ outcome, orderId }) => {
        const nowMs = this.#options.atMs()
        if (outcome === 'ok' && orderId !== null) this.#book(seat).placed(orderId, fate, nowMs)
        if (outcome === 'unknown') this.#remember({ planned, key, dueMs: nowMs + againMs })
      },
    }
  }

  #advance(index: number, seat: number, track: TrackedOrder): Asked {
    const book = this.#book(seat)
    const { orderId } = track
    const next = book.next(track, this.#options.atMs()) ?? 'cancelled'
    const step = track.pending ?? { key: this.#keyOf(index), to: next }
    const { key, to } = step
    const body: OrderMove = { to }
    return {
      kind: 'advance',
      key,
      subject: orderId,
      wanted: to,
      shard: this.#shardOfOrder(orderId),
      request: { method: 'POST', path: `/orders/${orderId}/advance`, tag: `order=${orderId}`, requestKey: key, body },
      saw: stateOf,
      learn: ({ outcome, code }, answer) => {
        const nowMs = this.#options.atMs()
        if (outcome === 'ok') book.learned(track, stateOf(answer) ?? to, nowMs)
        else if (outcome === 'unknown') book.retry(track, nowMs, step)
        else if (code === 'EZ_BAD_TRANSITION') book.lookAgain(track, nowMs)
        else this.#refused(book, track, code)
      },
    }
  }

  #look(seat: number, track: TrackedOrder): Asked {
    const book = this.#book(seat)
    const read = this.#read(track.orderId)
    return {
      ...read,
      learn: ({ outcome, code }, answer) => {
        if (outcome === 'ok') book.learned(track, stateOf(answer), this.#options.atMs())
        else this.#refused(book, track, code)
      },
    }
  }

  #read(orderId: string): Asked {
    return {
      kind: 'read',
      key: null,
      subject: orderId,
      wanted: null,
      shard: this.#shardOfOrder(orderId),
      request: { method: 'GET', path: `/orders/${orderId}`, tag: `order=${orderId}` },
      saw: stateOf,
      learn: () => undefined,
    }
  }

  #register({ index, cell, phone: number }: PlannedOperation): Asked {
    const phone = `${this.#options.run}${String(number).padStart(7, '0')}`
    const key = this.#keyOf(index)
    return {
      kind: 'register',
      key,
      subject: phone,
      wanted: null,
      shard: this.#shardOf(cell.cell),
      request: {
        method: 'POST',
        path: '/users',
        tag: `geo=${pointText(cell.point)}`,
        requestKey: key,
        body: { phone },
      },
      saw: (body) => userSchema.safeParse(body).data?.userId ?? null,
      learn: () => undefined,
    }
  }

  #refused(book: OrderBook, track: TrackedOrder, code: string | null): void {
    if (code !== null && orderGone.has(code)) book.unknown(track, this.#options.atMs())
    else book.retry(track, this.#options.atMs(), track.pending)
  }

  #remember(unresolved: Unresolved): void {
    const { seat } = unresolved.planned
    const all = this.#unresolved.get(seat) ?? []
    if (all.length < unresolvedMax) all.push(unresolved)
    this.#unresolved.set(seat, all)
  }

  #keyOf = (index: number) => `${this.#options.run}-${index}`
  #shardOf = (cell: number) => this.#options.index.shardOf(cell).shard

  #shardOfOrder(orderId: string): number | null {
    const id = parseId(orderId)
    return id === undefined ? null : this.#shardOf(unpackId(id).cell)
  }

  #seat(seat: number): ClientsOptions['seats'][number] {
    const found = this.#options.seats[seat]
    if (found === undefined) throw new TypeError(`there is no seat ${seat}`)
    return found
  }

  #book(seat: number): OrderBook {
    const book = this.#books[seat]
    if (book === undefined) throw new TypeError(`there is no seat ${seat}`)
    return book
  }
}

const stateOf = (body: Exchange['body']): OrderState | null => orderSchema.safeParse(body).data?.state ?? null

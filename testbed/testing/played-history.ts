import { type OrderState, packId, packVersion } from '@ezone/sdk/model'
import { type Random, seeded } from '../demand/random.ts'
import type { Entry, EntryOf, History, OperationEntry } from '../ledger/history.ts'

/** What shall have happened; the rest is drawn from the seed. */
export interface PlayedOptions {
  readonly seed: number
  readonly operations: number
  readonly policy?: 'available' | 'strict'
  /** What shard 3 goes through in the middle: moved as planned from sh to bj, or taken over from a lost sh. */
  readonly move?: 'planned' | 'takeover' | null
}

interface Order {
  readonly orderId: string
  readonly shard: number
  readonly key: string
  readonly bornIn: string
  readonly client: string
  state: OrderState
  version: string
  epoch: number
  zone: string
  riderId: string | null
}

const zones = ['bj', 'sh'] as const
const stepMs = 10
const startedAtMs = Date.UTC(2026, 0, 1)
/** In the way of an order that is delivered; who brings it is drawn when it is assigned. */
const life: readonly OrderState[] = ['created', 'paid', 'accepted', 'assigned', 'pickedUp', 'delivered']

/**
 * A run of a platform that does everything right, as its clients would have seen it: a small model of it, played with
 * drawn numbers. The same seed gives the same history.
 */
export function playedHistory(options: PlayedOptions): readonly Entry[] {
  const play = new Play(options)
  for (let index = 0; index < options.operations; index++) play.step(index)
  return play.end()
}

/** Entries as a reader of the file hands them over. */
export function historyOf(entries: readonly Entry[]): History {
  const types = ['begin', 'op', 'fault', 'step', 'owner', 'acked', 'lag', 'order', 'request', 'user', 'shared'] as const
  const all = [...types, 'missing', 'collected', 'conflict', 'replicated', 'compared', 'generator', 'end'] as const
  return Object.fromEntries(
    all.map((type) => [type, entries.filter((entry) => entry.type === type)]),
  ) as unknown as History
}

export const operation = (changes: Partial<OperationEntry>): OperationEntry => ({
  ...{ type: 'op', index: 0, client: 'c1', inside: null, kind: 'read', key: null, subject: null, wanted: null },
  ...{ intendedMs: 0, sentMs: 0, answeredMs: 0, outcome: 'ok', code: null, zone: null, shard: null, epoch: null },
  ...{ orderId: null, version: null, saw: null, riderId: null, traceId: null },
  ...changes,
})

class Play {
  readonly #options: PlayedOptions
  readonly #random: Random
  readonly #entries: Entry[] = []
  readonly #orders: Order[] = []
  readonly #open: Order[] = []
  readonly #users = new Map<string, string>()
  readonly #shared = new Map<string, { value: string | null; version: string }>()
  readonly #owner = new Map([1, 2, 3, 4].map((shard) => [shard, { zone: shard < 3 ? 'bj' : 'sh', epoch: 1 }]))
  #atMs = 100
  #ids = 0
  #version = 1

  constructor(options: PlayedOptions) {
    this.#options = options
    this.#random = seeded(options.seed)
    const shards = [...this.#owner].map(([shard, { zone }]) => ({ shard, zone, name: `shard ${shard}` }))
    this.#entries.push({
      ...{ type: 'begin', format: 1, run: 'r1', name: 'played', seed: options.seed, testbed: 'default' },
      ...{ startedAt: new Date(startedAtMs).toISOString(), runtime: 'process', zones: [...zones], shards },
      policy: options.policy ?? 'strict',
    })
    for (const [shard, { zone, epoch }] of this.#owner)
      this.#entries.push({ type: 'owner', atMs: 0, shard, zone, state: 'ACTIVE', epoch })
    this.#acknowledge(1)
  }

  step(index: number): void {
    this.#atMs += stepMs
    if (index === Math.floor(this.#options.operations / 2)) this.#move()
    if (index % 25 === 0) this.#lag()
    const drawn = this.#random()
    if (drawn < 0.3 || this.#open.length === 0) this.#place(index)
    else if (drawn < 0.75) this.#advance(index, this.#take())
    else if (drawn < 0.85) this.#read(index)
    else if (drawn < 0.92) this.#register(index)
    else this.#change(index)
  }

  /** Every order is brought to its end; then the stores are read. */
  end(): readonly Entry[] {
    let index = this.#options.operations
    for (let order = this.#open[0]; order !== undefined; order = this.#open[0]) {
      this.#atMs += stepMs
      this.#advance(index++, order)
    }
    for (const zone of zones) this.#rows(zone)
    const n = this.#orders.length
    for (const [source, target] of [zones, zones.toReversed()] as const)
      this.#entries.push({
        ...{ type: 'replicated', source: source ?? '', target: target ?? '' },
        ...{ committed: n, logged: n, applied: n, repeatedInLog: 0, appliedTwice: 0 },
      })
    const compared = {
      type: 'compared',
      table: 'orders.orders',
      equal: true,
      rows: { bj: n, sh: n },
      differing: 0,
    } as const
    this.#entries.push({ ...compared, atMs: this.#atMs + 500 })
    this.#entries.push({
      ...{ type: 'generator', intended: index, sent: index, inTime: index, dropped: 0, ranMs: this.#atMs },
    })
    this.#entries.push({ type: 'end', atMs: this.#atMs + 20_000, interrupted: false })
    return this.#entries
  }

  #rows(zone: string): void {
    this.#entries.push({ type: 'collected', atMs: this.#atMs + 400, zone, why: null })
    for (const { orderId, shard, epoch, state, version, riderId, bornIn, key } of this.#orders)
      this.#entries.push(
        { type: 'order', zone, orderId, shard, epoch, state, version, riderId, locked: false, bornIn },
        { type: 'request', zone, key, orderId },
      )
    for (const [phone, userId] of this.#users) this.#entries.push({ type: 'user', zone, phone, userId })
    for (const [key, row] of this.#shared) this.#entries.push({ type: 'shared', zone, key, ...row })
  }

  #place(index: number): void {
    const shard = 1 + Math.floor(this.#random() * 4)
    const { zone, epoch } = this.#ownerOf(shard)
    const client = `c${index % 7}`
    const made = { state: 'created', epoch, zone, riderId: null } as const
    const order: Order = {
      ...{ orderId: this.#id(shard, zone), shard, key: `k${index}`, bornIn: zone, client },
      ...{ ...made, version: this.#newVersion(zone) },
    }
    this.#orders.push(order)
    this.#open.push(order)
    this.#op(index, order, { kind: 'place', key: order.key, orderId: order.orderId })
  }

  #advance(index: number, order: Order): void {
    const { zone, epoch } = this.#ownerOf(order.shard)
    const next = life[life.indexOf(order.state) + 1] ?? 'delivered'
    order.state = order.state === 'created' && this.#random() < 0.2 ? 'cancelled' : next
    if (order.state === 'assigned') order.riderId = this.#id(order.shard, zone)
    Object.assign(order, { zone, epoch, version: this.#newVersion(zone) })
    if (order.state === 'delivered' || order.state === 'cancelled') this.#open.splice(this.#open.indexOf(order), 1)
    this.#op(index, order, { kind: 'advance', key: `k${index}`, subject: order.orderId, wanted: order.state })
  }

  #read(index: number): void {
    const order = this.#orders[Math.floor(this.#random() * this.#orders.length)]
    if (order !== undefined) this.#op(index, order, { kind: 'read', subject: order.orderId, orderId: order.orderId })
  }

  /** Two clients want the phone at the same time; one gets it. */
  #register(index: number): void {
    const phone = `1380000${String(index).padStart(6, '0')}`
    const userId = this.#id(1, 'bj')
    this.#users.set(phone, userId)
    const wanted = { kind: 'register', subject: phone } as const
    this.#answered(index, { ...wanted, key: `k${index}`, saw: userId, zone: 'bj' })
    const refused = { outcome: 'failed', code: 'EZ_PHONE_TAKEN' } as const
    this.#answered(index, { ...wanted, ...refused, key: `k${index}-b`, client: 'rival', zone: 'sh' }, 1)
  }

  #change(index: number): void {
    const key = `row-${Math.floor(this.#random() * 5)}`
    const zone = this.#random() < 0.5 ? 'bj' : 'sh'
    const value = this.#random() < 0.3 ? null : `v${index}`
    const version = this.#newVersion(zone)
    this.#shared.set(key, { value, version })
    const kind = value === null ? 'remove' : 'change'
    this.#answered(index, { kind, key: `k${index}`, subject: key, wanted: value, saw: value, version, zone })
  }

  #op(index: number, order: Order, changes: Partial<OperationEntry>): void {
    const { orderId, shard, zone, epoch, version, state, riderId, client } = order
    this.#answered(index, { orderId, shard, zone, epoch, version, saw: state, riderId, client, ...changes })
  }

  #answered(index: number, changes: Partial<OperationEntry>, laterMs = 0): void {
    const sentMs = this.#atMs + laterMs
    this.#entries.push(
      operation({ index, intendedMs: sentMs, sentMs, answeredMs: sentMs + 4 + this.#random(), ...changes }),
    )
  }

  #move(): void {
    const { move } = this.#options
    if (move !== 'planned' && move !== 'takeover') return
    const say = (state: EntryOf<'owner'>['state'], zone: string, epoch: number) => {
      this.#entries.push({ type: 'owner', atMs: this.#atMs, shard: 3, zone, state, epoch })
      this.#acknowledge(epoch)
      this.#atMs += stepMs
    }
    if (move === 'takeover') {
      const fault = { type: 'fault', id: 'f1', kind: 'isolate', target: 'sh', proven: true } as const
      this.#entries.push({ ...fault, phase: 'in-force', atMs: this.#atMs })
      this.#entries.push({ ...fault, phase: 'ended', atMs: this.#atMs + 100 })
    }
    for (const state of move === 'planned' ? (['FROZEN', 'DRAINING'] as const) : (['TAKEOVER'] as const))
      say(state, 'sh', 2)
    this.#owner.set(3, { zone: 'bj', epoch: 3 })
    say('ACTIVE', 'bj', 3)
  }

  #acknowledge(version: number): void {
    for (const place of ['edge', ...zones]) {
      const subscriber = `${place}/${place === 'edge' ? 'router' : 'orders'}`
      this.#entries.push({ type: 'acked', atMs: this.#atMs + 5, subscriber, place, version })
    }
  }

  #lag(): void {
    for (const [source = '', target = ''] of [zones, zones.toReversed()])
      this.#entries.push({ type: 'lag', atMs: this.#atMs, source, target, claimedMs: 30, measuredMs: 42 })
  }

  #take(): Order {
    const order = this.#open[Math.floor(this.#random() * this.#open.length)]
    if (order === undefined) throw new TypeError('no order is open')
    return order
  }

  #ownerOf(shard: number): { readonly zone: string; readonly epoch: number } {
    return this.#owner.get(shard) ?? { zone: 'bj', epoch: 1 }
  }

  #id(cell: number, zone: string): string {
    const n = this.#ids++
    const parts = { seconds: 31_536_000 + Math.floor(n / 200), cell, writer: 0, sequence: n % 200 }
    return String(packId({ ...parts, zone: zone === 'bj' ? 1 : 2 }))
  }

  #newVersion(zone: string): string {
    const timeUs = BigInt(startedAtMs + this.#atMs) * 1000n + BigInt(this.#version++ % 1000)
    return String(packVersion({ timeUs, zone: zone === 'bj' ? 1 : 2 }))
  }
}

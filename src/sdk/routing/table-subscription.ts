import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Address,
  type Clock,
  EzoneError,
  type RoutingTable,
  routingTableSchema,
  type ServiceConfig,
  type TableAck,
  TableIndex,
  type TableMessage,
} from '../model/index.ts'
import { GzsRefused, GzsSource, silenceMs } from './gzs-source.ts'
import { TableDisk } from './table-disk.ts'

/** Between two instances of GZS, and after all of them failed. */
const nextSourceMs = 20
const againMs = 1_000
/** A GZS that lags behind what another one told for longer than this is left for the next. */
const behindMsMax = silenceMs

/** What a subscription stands on; a ServiceContext is one. */
export interface SubscriptionContext {
  readonly config: Pick<ServiceConfig, 'service' | 'instance' | 'place' | 'zone' | 'peers' | 'stateDir'>
  readonly clock: Clock
  readonly log: { info(what: object, text: string): void; warn(what: object, text: string): void }
  readonly signal: AbortSignal
}

export interface SubscriptionOptions {
  /** Planted bug `stale-router`: it listens on, and acts under its first table for ever. */
  readonly keepsFirst?: boolean
}

export interface TableStatus {
  readonly version: number
  readonly from: 'gzs' | 'disk'
  /** Since a GZS last said that this is the newest. */
  readonly ageMs: number
}

interface Held {
  readonly index: TableIndex
  readonly from: TableStatus['from']
  readonly confirmedAtMs: number
}

/**
 * The routing table somebody acts on: a snapshot and then every change, as GZS tells them; acknowledged, so that GZS
 * knows who acts under which version; kept on disk. When its GZS falls silent the next one is asked, nearest first,
 * each for its stream and else for its table. Without any GZS it goes on with what it holds, also through a restart.
 * An older version than the one held is never taken, whoever offers it.
 */
export class TableSubscription {
  readonly #context: SubscriptionContext
  readonly #sources: readonly GzsSource[]
  readonly #disk: TableDisk
  readonly #listeners = new Set<(index: TableIndex) => void>()
  readonly #keepsFirst: boolean
  #held: Held | undefined
  #failing = false
  #acknowledging = Promise.resolve()

  private constructor(context: SubscriptionContext, keepsFirst: boolean) {
    this.#context = context
    this.#keepsFirst = keepsFirst
    this.#sources = nearestFirst(context.config).map((address) => new GzsSource(address))
    this.#disk = new TableDisk(context.config.stateDir)
  }

  /** Begins with what is on disk, if that is good, and listens to GZS until the context's signal ends it. */
  static async start(
    context: SubscriptionContext,
    { keepsFirst = false }: SubscriptionOptions = {},
  ): Promise<TableSubscription> {
    const own = new TableSubscription(context, keepsFirst)
    const onDisk = await own.#disk.read().catch((error: unknown) => {
      context.log.warn({ err: error }, 'the table on disk is not used')
      return undefined
    })
    if (onDisk !== undefined) own.#hold(new TableIndex(onDisk), 'disk')
    void own.#run(context.signal)
    return own
  }

  /** @throws EZ_NOT_READY where there never was a table */
  get index(): TableIndex {
    if (this.#held === undefined)
      throw new EzoneError('EZ_NOT_READY', 'there is no routing table yet: GZS does not answer and none is on disk')
    return this.#held.index
  }

  status(): TableStatus | null {
    if (this.#held === undefined) return null
    const { index, from, confirmedAtMs } = this.#held
    const ageMs = Math.round(this.#context.clock.monotonicMs() - confirmedAtMs)
    return { version: index.table.version, from, ageMs }
  }

  /** The table as soon as it is newer than `version`; rejects with the signal's reason. */
  async newer(version: number, signal: AbortSignal): Promise<TableIndex> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<TableIndex>()
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    using _ = this.onChange((index) => index.table.version > version && resolve(index))
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Told at once of the table held, if any, then of every newer one. The listener must not throw. */
  onChange(listener: (index: TableIndex) => void): Disposable {
    this.#listeners.add(listener)
    if (this.#held !== undefined) listener(this.#held.index)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let turn = 0; !signal.aborted && this.#sources.length > 0; turn++) {
      const source = this.#sources[turn % this.#sources.length]
      if (source !== undefined) await this.#use(source, signal)
      const all = (turn + 1) % this.#sources.length === 0
      await sleep(all ? againMs : nextSourceMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  /** Follows one GZS until it fails; one that cannot be followed may still have a table. */
  async #use(source: GzsSource, signal: AbortSignal): Promise<void> {
    let reason: unknown
    try {
      await this.#follow(source, signal)
    } catch (error) {
      reason = error
      if (signal.aborted) return
    }
    try {
      const table = await source.table(signal)
      if (table !== undefined) this.#adopt(table)
      else if (this.#held !== undefined) this.#confirm()
      // An instance that has no streams is not in trouble: its table is asked for, again and again.
      if (reason instanceof GzsRefused && reason.status === 404) return this.#note(undefined)
      this.#note(reason)
    } catch (error) {
      if (!signal.aborted) this.#note(error)
    }
  }

  async #follow(source: GzsSource, signal: AbortSignal): Promise<void> {
    const { service, instance, place } = this.#context.config
    const who = { name: `${place}/${service}${instance > 1 ? `-${instance}` : ''}`, kind: service, place }
    let told: RoutingTable | undefined
    let acknowledged = 0
    let levelAtMs = this.#context.clock.monotonicMs()
    for await (const message of source.follow(who, signal)) {
      told = after(told, message)
      this.#note(undefined)
      const held = this.#held?.index.table.version ?? 0
      if (told.version > held) this.#adopt(told)
      if (told.version >= held) {
        levelAtMs = this.#context.clock.monotonicMs()
        this.#confirm()
      } else if (this.#context.clock.monotonicMs() - levelAtMs > behindMsMax)
        throw new Error(`GZS tells of version ${told.version}, older than the ${held} held`)
      const version = this.index.table.version
      if (version !== acknowledged) this.#acknowledge(source, { ...who, version }, signal)
      acknowledged = version
    }
  }

  /** One after the other, so that an earlier version never arrives last. */
  #acknowledge(source: GzsSource, ack: TableAck, signal: AbortSignal): void {
    const send = () => source.acknowledge(ack, signal)
    this.#acknowledging = this.#acknowledging.then(send).catch((error: unknown) => {
      if (!signal.aborted) this.#context.log.warn({ err: error, ...ack }, 'GZS did not take an acknowledgement')
    })
  }

  /** @throws where it is older than what is held, or contradicts itself */
  #adopt(table: RoutingTable): void {
    const held = this.#held?.index.table.version ?? 0
    if (table.version < held) throw new Error(`GZS offers version ${table.version}, older than the ${held} held`)
    if (table.version > held) this.#take(new TableIndex(table))
    else this.#confirm()
  }

  #take(index: TableIndex): void {
    if (this.#keepsFirst && this.#held !== undefined) return
    const { table } = index
    this.#hold(index, 'gzs')
    this.#context.log.info({ version: table.version }, 'a routing table from GZS')
    for (const listener of [...this.#listeners]) listener(index)
    void this.#disk.write(table).catch((error: unknown) => {
      this.#context.log.warn({ err: error }, 'the table could not be kept on disk')
    })
  }

  #hold(index: TableIndex, from: Held['from']): void {
    this.#held = { index, from, confirmedAtMs: this.#context.clock.monotonicMs() }
  }

  #confirm(): void {
    if (this.#held !== undefined) this.#hold(this.#held.index, 'gzs')
  }

  /** One line when it begins and one when it ends, not one a second. */
  #note(error: unknown): void {
    if (error !== undefined && !this.#failing)
      this.#context.log.warn({ err: error }, 'GZS does not answer; going on with the table held')
    if (error === undefined && this.#failing) this.#context.log.info({}, 'GZS answers again')
    this.#failing = error !== undefined
  }
}

/** The table a stream has told so far. @throws where it begins with a change, or changes what it has not told of */
export function after(told: RoutingTable | undefined, message: TableMessage): RoutingTable {
  if (message.type === 'snapshot') return message.table
  if (told === undefined) throw new TypeError('GZS began without a snapshot')
  if (message.type === 'ping' || message.version <= told.version) return told
  const changed = new Map(message.shards.map((entry) => [entry.shard, entry]))
  const shards = told.shards.map((entry) => changed.get(entry.shard) ?? entry)
  if (message.shards.some(({ shard }) => !told.shards.some((entry) => entry.shard === shard)))
    throw new TypeError('GZS changed a shard that it had not told of')
  return routingTableSchema.parse({ ...told, version: message.version, shards })
}

/** Own place, then own zone, then the others. */
function nearestFirst({ peers, place, zone }: SubscriptionContext['config']): readonly Address[] {
  const distance = (peer: { place: string; zone: string | null }) =>
    peer.place === place ? 0 : zone !== null && peer.zone === zone ? 1 : 2
  return (peers.gzs ?? []).toSorted((a, b) => distance(a) - distance(b)).map(({ host, port }) => ({ host, port }))
}

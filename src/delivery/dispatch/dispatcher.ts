import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, EzoneError, type Point, parseCells } from '@ezone/sdk'
import type { ZoneDatabase } from '@ezone/sdk/dal'
import { type AcceptedOrder, acceptedOrders, type IdleRider, idleRiders, ownShards } from '../backlog.ts'
import { isNotOurs } from '../not-ours.ts'
import type { Orders } from '../orders/orders.ts'
import type { Positions } from '../riders/positions.ts'

/** Assignments on their way to the database at once. */
const atOnceMax = 8
/** Rounds without a wake-up that may pass without looking: events may be lost, what is in the database may not. */
const quietRoundsMax = 4

export interface DispatcherOptions {
  readonly db: ZoneDatabase
  readonly orders: Orders
  readonly positions: Pick<Positions, 'of'>
  readonly clock: Clock
  readonly zone: string
  /** Has cells.csv: an order whose shop nobody knows is fetched at the centre of its city. */
  readonly dataDir: string
}

/** Of a cell that the data does not know; all riders of it are equally far from there. */
const nowhere: Point = { lat: 0, lng: 0 }

interface Assignment {
  readonly orderId: string
  readonly riderId: string
  readonly shard: number
}

/**
 * Brings accepted orders and free riders together, city by city, in batches; for own shards alone. It remembers nothing:
 * each round finds its work in the database, so that another instance, or another zone, goes on where this one ended.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly counts = { rounds: 0, assigned: 0, forestalled: 0 }
  #awake = true
  #quietRounds = 0
  #centresRead: Promise<ReadonlyMap<number, Point>> | null = null

  constructor(options: DispatcherOptions) {
    this.#options = options
  }

  /** Something has happened that may be work: the next round looks. */
  wake(): void {
    this.#awake = true
  }

  async round(): Promise<void> {
    if (!this.#awake && this.#quietRounds < quietRoundsMax) {
      this.#quietRounds++
      return
    }
    this.#awake = false
    this.#quietRounds = 0
    const { db, zone } = this.#options
    const own = await ownShards(db, zone)
    const waiting = await acceptedOrders(db, own)
    // Who found nobody is looked at again in the next round, event or not.
    this.#awake = waiting.length > 0
    if (waiting.length === 0) return
    this.counts.rounds++
    const plan = await this.#plan(waiting, await idleRiders(db, own, [...new Set(waiting.map(({ cell }) => cell))]))
    await this.#assign(plan, new Map(own.map(({ shard, epoch }) => [shard, epoch])))
  }

  async #plan(waiting: readonly AcceptedOrder[], idle: readonly IdleRider[]): Promise<readonly Assignment[]> {
    if (idle.length === 0) return []
    const [{ planBatch }, centres] = await Promise.all([import('./plan.ts'), this.#centres()])
    const nowMs = this.#options.clock.nowMs()
    const places = await this.#placesOf(idle)
    const riders = Map.groupBy(idle, cityOf)
    return [...Map.groupBy(waiting, cityOf)].flatMap(([city, orders]) => {
      const [{ shard, cell } = { shard: 0, cell: 0 }] = orders
      const pairs = planBatch(
        orders.map(({ orderId, at, acceptedAtMs }) => ({
          orderId,
          at: at ?? centres.get(cell) ?? nowhere,
          waitedS: Math.max(0, nowMs - acceptedAtMs) / 1000,
        })),
        (riders.get(city) ?? []).map(({ riderId, at, trips }) => ({ riderId, at: places.get(riderId) ?? at, trips })),
      )
      return pairs.map(({ order: { orderId }, rider: { riderId } }) => ({ orderId, riderId, shard }))
    })
  }

  /** Without Redis riders are where they registered: a worse match, and still a rider for every order. */
  async #placesOf(idle: readonly IdleRider[]): Promise<ReadonlyMap<string, Point>> {
    try {
      return await this.#options.positions.of(idle.map(({ riderId }) => riderId))
    } catch (error) {
      if (!EzoneError.is(error, 'EZ_STORE_UNREACHABLE')) throw error
      return new Map()
    }
  }

  /** Read when first needed. */
  #centres(): Promise<ReadonlyMap<number, Point>> {
    this.#centresRead ??= readFile(join(this.#options.dataDir, 'cells.csv'), 'utf8').then(
      (text) => new Map(parseCells(text).map(({ cell, point }) => [cell, point])),
    )
    return this.#centresRead
  }

  async #assign(plan: readonly Assignment[], epochs: ReadonlyMap<number, number>): Promise<void> {
    const left = plan.values()
    const worker = async () => {
      for (const { orderId, riderId, shard } of left) {
        const claim = { shard, epoch: epochs.get(shard) ?? 0 }
        const asker = { claim, requestKey: null }
        try {
          await this.#options.orders.advance({ orderId, move: { to: 'assigned', riderId }, asker })
          this.counts.assigned++
        } catch (error) {
          if (!isNotOurs(error)) throw error
          this.counts.forestalled++
        }
      }
    }
    const ended = await Promise.allSettled(Array.from({ length: atOnceMax }, worker))
    const failed = ended.find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
}

/** A batch is of one city, and of one shard: both sides change in one transaction under one fence. */
const cityOf = ({ shard, cell }: { readonly shard: number; readonly cell: number }) => `${shard} ${cell}`

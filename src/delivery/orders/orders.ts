import type { Clock, Counter, Order } from '@ezone/sdk'
import type { Done, Outcome, ZoneDatabase } from '@ezone/sdk/dal'
import type { OrderEvents } from '../events/order-events.ts'
import { type Advance, advanceOrder } from './advance.ts'
import { type CreateOrder, createOrder, findOrder } from './create.ts'
import { type Unlock, unlockOrder } from './unlock.ts'

export interface OrdersOptions {
  readonly db: ZoneDatabase
  readonly clock: Clock
  readonly zone: string
  readonly events: OrderEvents
  /** Changes that were committed here, by state, shard and epoch. */
  readonly changes: Counter
}

/**
 * The orders of a zone. Every change is told on Kafka after its commit, and never before: an event that is lost there
 * (the service was killed in between) is only a wake-up that is lost, as the database still has what is to be done.
 */
export class Orders {
  readonly #options: OrdersOptions

  constructor(options: OrdersOptions) {
    this.#options = options
  }

  create(order: CreateOrder): Promise<Done<Order>> {
    return this.#told(createOrder(this.#options, order))
  }

  advance(advance: Omit<Advance, 'zone'>): Promise<Done<Order>> {
    return this.#told(advanceOrder(this.#options, { ...advance, zone: this.#options.zone }))
  }

  unlock(unlock: Omit<Unlock, 'zone'>): Promise<Done<Order>> {
    return this.#told(unlockOrder(this.#options, { ...unlock, zone: this.#options.zone }))
  }

  /** Undefined where this zone has no such order. */
  find(orderId: string, signal?: AbortSignal): Promise<Outcome<Order> | undefined> {
    return findOrder(this.#options.db, orderId, signal)
  }

  async #told(change: Promise<Done<Order>>): Promise<Done<Order>> {
    const done = await change
    if (done.repeated) return done
    const { state, shard, epoch } = done.body
    this.#options.changes.add({ state, shard, epoch })
    this.#options.events.tell(done.body, done.version)
    return done
  }
}

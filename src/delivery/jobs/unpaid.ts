import type { Clock } from '@ezone/sdk'
import type { ZoneDatabase } from '@ezone/sdk/dal'
import { ownShards, unpaidOrders } from '../backlog.ts'
import { isNotOurs } from '../not-ours.ts'
import type { Orders } from '../orders/orders.ts'

/**
 * Cancels orders that were not paid in time: only those of own shards, each once. Several instances may do so at the
 * same time; the compare-and-set on the state lets one.
 */
export class UnpaidJob {
  readonly #options: {
    readonly db: ZoneDatabase
    readonly orders: Orders
    readonly clock: Clock
    readonly zone: string
  }
  readonly counts = { cancelled: 0, forestalled: 0 }

  constructor(options: { db: ZoneDatabase; orders: Orders; clock: Clock; zone: string }) {
    this.#options = options
  }

  async round(): Promise<void> {
    const { db, orders, clock, zone } = this.#options
    const own = await ownShards(db, zone)
    const epochs = new Map(own.map(({ shard, epoch }) => [shard, epoch]))
    for (const { orderId, shard } of await unpaidOrders(db, own, clock.nowMs())) {
      const claim = { shard, epoch: epochs.get(shard) ?? 0 }
      try {
        await orders.advance({ orderId, move: { to: 'cancelled' }, asker: { claim, requestKey: null } })
        this.counts.cancelled++
      } catch (error) {
        if (!isNotOurs(error)) throw error
        this.counts.forestalled++
      }
    }
  }
}

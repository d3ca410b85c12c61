import { type Clock, type ErrorCode, EzoneError } from '@ezone/sdk'
import type { ZoneDatabase } from '@ezone/sdk/dal'
import { ownShards, unpaidOrders } from '../backlog.ts'
import type { Orders } from '../orders/orders.ts'

/** Refusals that mean: somebody else was first, or the shard is no longer ours. Whoever has it goes on. */
const notOurs: ReadonlySet<ErrorCode> = new Set([
  'EZ_BAD_TRANSITION',
  'EZ_ORDER_LOCKED',
  'EZ_STALE_EPOCH',
  'EZ_WRONG_ZONE_WRITE',
  'EZ_SHARD_FROZEN',
  'EZ_LEASE_EXPIRED',
  'EZ_NO_SHARD',
])

export const isNotOurs = (error: unknown): boolean => EzoneError.is(error) && notOurs.has(error.code)

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

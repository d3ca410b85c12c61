import type { Clock } from '@ezone/sdk'
import type { ZoneDatabase } from '@ezone/sdk/dal'
import { idleRiders, ownShards } from '../backlog.ts'
import { tables } from '../tables.ts'

const ordersMax = 50

interface Brought {
  readonly order_id: string
  readonly shard: number
  readonly cell: number
}

/**
 * Planted bug `double-dispatch`: one round of a dispatch that does not see that an order has a rider, and gives it to a
 * second one of its city. The state machine of orders would not let it through, so it writes past that, under the fence.
 */
export async function giveSecondRiders(options: {
  readonly db: ZoneDatabase
  readonly clock: Clock
  readonly zone: string
}): Promise<void> {
  const { db, clock, zone } = options
  const own = await ownShards(db, zone)
  if (own.length === 0) return
  const orders = await db.read<Brought>(
    `SELECT o.order_id, o.shard, o.cell FROM ${tables.orders} o
      WHERE o.shard IN (${own.map(() => '?').join(', ')}) AND o.state IN ('assigned', 'pickedUp') AND o.locked = 0
        AND (SELECT COUNT(*) FROM ${tables.riders} r WHERE r.shard = o.shard AND r.order_id = o.order_id) = 1
      LIMIT ${ordersMax}`,
    own.map(({ shard }) => shard),
  )
  const cells = [...new Set(orders.map(({ cell }) => cell))]
  const free = Map.groupBy(await idleRiders(db, own, cells), ({ shard, cell }) => `${shard} ${cell}`)
  for (const { order_id, shard, cell } of orders) {
    const rider = free.get(`${shard} ${cell}`)?.pop()
    const epoch = own.find((one) => one.shard === shard)?.epoch
    if (rider === undefined || epoch === undefined) continue
    const changes = { state: 'busy', order_id, zone, since: new Date(clock.nowMs()) }
    await db.write({ shard, epoch }, async (tx) => {
      await tx.update(tables.orders, { order_id }, { rider_id: rider.riderId })
      await tx.update(tables.riders, { rider_id: rider.riderId, state: 'free' }, changes)
    })
  }
}

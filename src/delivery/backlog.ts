import type { Point } from '@ezone/sdk'
import type { ZoneDatabase } from '@ezone/sdk/dal'
import { batchLimits } from './dispatch/plan.ts'
import { tables } from './tables.ts'

/**
 * What remains to be done, asked of the only source there is: the zone's MySQL, by shard and state. Also which shards
 * are this zone's is asked there, of the fence rows, each time anew: after a restart, a lost event or a change of
 * ownership the same question gives the right answer, and nobody has to be told.
 */
export interface OwnShard {
  readonly shard: number
  readonly epoch: number
}

export interface AcceptedOrder {
  readonly orderId: string
  readonly shard: number
  readonly cell: number
  readonly acceptedAtMs: number
  /** Where the shop is; null where the order names none. */
  readonly at: Point | null
}

export interface IdleRider {
  readonly riderId: string
  readonly shard: number
  readonly cell: number
  /** Where it registered. */
  readonly at: Point
  readonly trips: number
}

/** Orders looked at in one round; the others come with the next. */
const acceptedMax = 500
const unpaidMax = 200

export async function ownShards(db: ZoneDatabase, zone: string): Promise<readonly OwnShard[]> {
  const rows = await db.read<{ shard: number; epoch: string }>(
    "SELECT shard, epoch FROM ezone.fence WHERE zone = ? AND state = 'ACTIVE'",
    [zone],
  )
  return rows.map(({ shard, epoch }) => ({ shard, epoch: Number(epoch) }))
}

/** Orders that nobody brings yet, those that have waited longest first. */
export async function acceptedOrders(db: ZoneDatabase, shards: readonly OwnShard[]): Promise<readonly AcceptedOrder[]> {
  if (shards.length === 0) return []
  const rows = await db.read<{
    order_id: string
    shard: number
    cell: number
    accepted_at: Date
    lat: number | null
    lng: number | null
  }>(
    `SELECT o.order_id, o.shard, o.cell, o.accepted_at, m.lat, m.lng FROM ${tables.orders} o
      LEFT JOIN ${tables.merchants} m ON m.merchant_id = o.shop_id
      WHERE o.shard IN (${marks(shards)}) AND o.state = 'accepted' AND o.locked = 0
      ORDER BY o.accepted_at LIMIT ${acceptedMax}`,
    shards.map(({ shard }) => shard),
  )
  return rows.map(({ order_id, shard, cell, accepted_at, lat, lng }) => ({
    orderId: order_id,
    shard,
    cell,
    acceptedAtMs: accepted_at.getTime(),
    at: lat === null || lng === null ? null : { lat, lng },
  }))
}

/** Free riders of some cities, of each at most a batch of them, those free for longest first. */
export async function idleRiders(
  db: ZoneDatabase,
  shards: readonly OwnShard[],
  cells: readonly number[],
): Promise<readonly IdleRider[]> {
  if (shards.length === 0 || cells.length === 0) return []
  const rows = await db.read<{
    rider_id: string
    shard: number
    cell: number
    lat: number
    lng: number
    trips: number
  }>(
    `SELECT rider_id, shard, cell, lat, lng, trips FROM (
      SELECT rider_id, shard, cell, lat, lng, trips, ROW_NUMBER() OVER (PARTITION BY cell ORDER BY since) AS place
      FROM ${tables.riders} WHERE shard IN (${marks(shards)}) AND state = 'free' AND cell IN (${marks(cells)})
    ) r WHERE place <= ${batchLimits.ridersMax}`,
    [...shards.map(({ shard }) => shard), ...cells],
  )
  return rows.map(({ rider_id, shard, cell, lat, lng, trips }) => ({
    riderId: rider_id,
    shard,
    cell,
    at: { lat, lng },
    trips,
  }))
}

/** Orders whose time to be paid is over. */
export async function unpaidOrders(
  db: ZoneDatabase,
  shards: readonly OwnShard[],
  nowMs: number,
): Promise<readonly { readonly orderId: string; readonly shard: number }[]> {
  if (shards.length === 0) return []
  const rows = await db.read<{ order_id: string; shard: number }>(
    `SELECT order_id, shard FROM ${tables.orders}
      WHERE shard IN (${marks(shards)}) AND state = 'created' AND pay_by < ? AND locked = 0 LIMIT ${unpaidMax}`,
    [...shards.map(({ shard }) => shard), new Date(nowMs)],
  )
  return rows.map(({ order_id, shard }) => ({ orderId: order_id, shard }))
}

const marks = (values: readonly unknown[]) => values.map(() => '?').join(', ')

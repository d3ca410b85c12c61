import { type Asker, type Clock, currentTrace, EzoneError, type Order, type OrderMove, requireMove } from '@ezone/sdk'
import type { Done, SqlValue, Tx, ZoneDatabase } from '@ezone/sdk/dal'
import { once } from '../repeat.ts'
import { tables } from '../tables.ts'
import { outcomeOf } from './create.ts'
import { type OrderRow, timeColumns } from './rows.ts'

export interface Advance {
  readonly orderId: string
  readonly move: OrderMove
  readonly asker: Asker
  readonly zone: string
}

/**
 * Moves an order on: one transaction under the fence, a compare-and-set on its state. The rider goes with it: taken when
 * the order is assigned, free again when it ends. Rows are always taken in this order, the order's before the rider's.
 *
 * @throws EZ_BAD_TRANSITION, EZ_UNKNOWN_ORDER, EZ_ORDER_LOCKED, EZ_RIDER_BUSY, EZ_UNKNOWN_RIDER, EZ_BAD_ORDER; what the
 * fence refuses
 */
export function advanceOrder(
  { db, clock }: { readonly db: ZoneDatabase; readonly clock: Clock },
  { orderId, move, asker, zone }: Advance,
): Promise<Done<Order>> {
  const nowMs = Math.floor(clock.nowMs())
  requireRiderFits(move)
  const asked = `advance ${orderId} ${move.to} ${move.riderId ?? ''}`
  return once(db, { ...asker, asked, nowMs }, async (tx) => {
    const row = await tx.take<OrderRow>(tables.orders, { order_id: orderId })
    if (row === undefined) throw unknownOrder(orderId, zone)
    requireMove(row.state, move.to)
    const changed = await tx.update(
      tables.orders,
      { order_id: orderId, state: row.state },
      {
        state: move.to,
        zone,
        [timeColumns[move.to]]: new Date(nowMs),
        trace_id: currentTrace()?.traceId ?? null,
        ...(move.riderId !== undefined && { rider_id: move.riderId }),
      },
    )
    if (changed !== 1) throw new EzoneError('EZ_BUG', `order ${orderId} was ours alone and has changed its state`)
    await moveRider(tx, { move, orderId, riderId: row.rider_id, shard: row.shard, zone, nowMs })
    return outcomeOf(tx, orderId)
  })
}

export const unknownOrder = (orderId: string, zone: string) =>
  new EzoneError('EZ_UNKNOWN_ORDER', `zone ${zone} has no order ${orderId}`)

function requireRiderFits({ to, riderId }: OrderMove): void {
  if (to === 'assigned' && riderId === undefined)
    throw new EzoneError('EZ_BAD_ORDER', 'an order is assigned to somebody: riderId is missing')
  if (to !== 'assigned' && riderId !== undefined)
    throw new EzoneError('EZ_BAD_ORDER', `riderId goes with assigned alone, not with ${to}`)
}

interface RiderMove {
  readonly move: OrderMove
  readonly orderId: string
  /** Whom the order had before the move. */
  readonly riderId: string | null
  readonly shard: number
  readonly zone: string
  readonly nowMs: number
}

async function moveRider(tx: Tx, { move, orderId, riderId, shard, zone, nowMs }: RiderMove): Promise<void> {
  const since = new Date(nowMs)
  if (move.riderId !== undefined)
    return takeRider(tx, { riderId: move.riderId, shard }, { order_id: orderId, zone, since })
  if (riderId === null || (move.to !== 'delivered' && move.to !== 'cancelled')) return
  // A rider that does not carry this order any more was freed by somebody with a better reason: nothing is to be done.
  const carries = { rider_id: riderId, order_id: orderId }
  const [rider] = await tx.rows<{ trips: number }>(
    `SELECT trips FROM ${tables.riders} WHERE rider_id = ? AND order_id = ? FOR UPDATE`,
    [riderId, orderId],
  )
  const trips = (rider?.trips ?? 0) + (move.to === 'delivered' ? 1 : 0)
  if (rider !== undefined)
    await tx.update(tables.riders, carries, { state: 'free', order_id: null, trips, zone, since })
}

/** One order per rider, enforced where it counts: only a free one is found by this update. */
async function takeRider(
  tx: Tx,
  { riderId, shard }: { readonly riderId: string; readonly shard: number },
  changes: Readonly<Record<string, SqlValue>>,
): Promise<void> {
  const free = { rider_id: riderId, state: 'free' }
  if ((await tx.update(tables.riders, free, { ...changes, state: 'busy' })) === 1) return
  const [busy] = await tx.rows(`SELECT rider_id FROM ${tables.riders} WHERE rider_id = ? AND shard = ?`, [
    riderId,
    shard,
  ])
  if (busy === undefined) throw new EzoneError('EZ_UNKNOWN_RIDER', `there is no rider ${riderId} in this shard`)
  throw new EzoneError('EZ_RIDER_BUSY', `rider ${riderId} carries another order`)
}

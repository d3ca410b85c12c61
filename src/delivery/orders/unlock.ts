import type { Asker, Clock, Order } from '@ezone/sdk'
import type { Done, ZoneDatabase } from '@ezone/sdk/dal'
import { once } from '../repeat.ts'
import { tables } from '../tables.ts'
import { unknownOrder } from './advance.ts'
import { outcomeOf } from './create.ts'

export interface Unlock {
  readonly orderId: string
  readonly asker: Asker
  readonly zone: string
}

/**
 * Lets a locked order go on as it stands: a change like any other, so that it is free in every zone, and newer than
 * whatever made the lock. Of one that is not locked nothing is changed.
 * @throws EZ_UNKNOWN_ORDER; what the fence refuses
 */
export function unlockOrder(
  { db, clock }: { readonly db: ZoneDatabase; readonly clock: Clock },
  { orderId, asker, zone }: Unlock,
): Promise<Done<Order>> {
  const nowMs = Math.floor(clock.nowMs())
  return once(db, { ...asker, asked: `unlock ${orderId}`, nowMs }, async (tx) => {
    const sql = `SELECT locked FROM ${tables.orders} WHERE order_id = ? FOR UPDATE`
    const [row] = await tx.rows<{ readonly locked: number }>(sql, [orderId])
    if (row === undefined) throw unknownOrder(orderId, zone)
    if (row.locked !== 0) await tx.update(tables.orders, { order_id: orderId }, { locked: 0, zone })
    return outcomeOf(tx, orderId)
  })
}

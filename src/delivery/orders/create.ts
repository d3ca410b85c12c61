import {
  type Asker,
  type Clock,
  currentTrace,
  EzoneError,
  type InternalTag,
  type NewOrder,
  type Order,
} from '@ezone/sdk'
import type { Done, Outcome, Tx, ZoneDatabase } from '@ezone/sdk/dal'
import { once } from '../repeat.ts'
import { tables } from '../tables.ts'
import { type OrderRow, orderOf } from './rows.ts'

export interface CreateOrder {
  readonly orderId: string
  readonly tag: InternalTag
  readonly order: NewOrder
  readonly asker: Asker
}

/**
 * Creates an order in one durable transaction, or finds the one that the same request key created before.
 * @throws what the fence of its shard refuses; EZ_BAD_ORDER where the key belongs to another request
 */
export function createOrder(
  { db, clock }: { readonly db: ZoneDatabase; readonly clock: Clock },
  { orderId, tag, order, asker }: CreateOrder,
): Promise<Done<Order>> {
  const nowMs = Math.floor(clock.nowMs())
  const asked = `create ${JSON.stringify([order.userId, order.shopId, order.amountFen, order.payWithinS])}`
  return once(db, { ...asker, asked, nowMs }, async (tx) => {
    await tx.insert(tables.orders, {
      order_id: orderId,
      cell: tag.cell,
      zone: tag.zone,
      state: 'created' satisfies Order['state'],
      user_id: order.userId ?? null,
      shop_id: order.shopId ?? null,
      amount_fen: order.amountFen,
      pay_by: new Date(nowMs + order.payWithinS * 1000),
      created_at: new Date(nowMs),
      trace_id: currentTrace()?.traceId ?? null,
    })
    return outcomeOf(tx, orderId)
  })
}

const select = `SELECT *, drc_ver FROM ${tables.orders} WHERE order_id = ?`

type VersionedRow = OrderRow & { readonly drc_ver: string }

/** The order as this transaction has made it, with the version that its write was given. */
export async function outcomeOf(tx: Tx, orderId: string): Promise<Outcome<Order>> {
  const [row] = await tx.rows<VersionedRow>(select, [orderId])
  if (row === undefined) throw new EzoneError('EZ_BUG', `order ${orderId} was written and is not there`)
  return { body: orderOf(row), version: row.drc_ver }
}

/** Undefined where this zone has no such order. */
export async function findOrder(
  db: ZoneDatabase,
  orderId: string,
  signal?: AbortSignal,
): Promise<Outcome<Order> | undefined> {
  const [row] = await db.read<VersionedRow>(select, [orderId], signal ? { signal } : {})
  return row && { body: orderOf(row), version: row.drc_ver }
}

import type { Order, OrderState } from '@ezone/sdk'

/** A row of delivery.orders. BIGINTs come as text, as not all of them fit into a number. */
export interface OrderRow {
  readonly order_id: string
  readonly shard: number
  readonly epoch: string
  readonly cell: number
  readonly zone: string
  readonly state: OrderState
  readonly user_id: string | null
  readonly shop_id: string | null
  readonly rider_id: string | null
  readonly amount_fen: string
  readonly created_at: Date
  readonly paid_at: Date | null
  readonly accepted_at: Date | null
  readonly assigned_at: Date | null
  readonly picked_up_at: Date | null
  readonly delivered_at: Date | null
  readonly cancelled_at: Date | null
}

/** The column that keeps when an order came to a state. */
export const timeColumns = {
  created: 'created_at',
  paid: 'paid_at',
  accepted: 'accepted_at',
  assigned: 'assigned_at',
  pickedUp: 'picked_up_at',
  delivered: 'delivered_at',
  cancelled: 'cancelled_at',
} as const satisfies Record<OrderState, keyof OrderRow>

export const orderOf = (row: OrderRow): Order => ({
  orderId: row.order_id,
  zone: row.zone,
  shard: row.shard,
  epoch: Number(row.epoch),
  state: row.state,
  cell: row.cell,
  userId: row.user_id,
  shopId: row.shop_id,
  riderId: row.rider_id,
  amountFen: Number(row.amount_fen),
  createdAt: row.created_at.toISOString(),
  paidAt: timeText(row.paid_at),
  acceptedAt: timeText(row.accepted_at),
  assignedAt: timeText(row.assigned_at),
  pickedUpAt: timeText(row.picked_up_at),
  deliveredAt: timeText(row.delivered_at),
  cancelledAt: timeText(row.cancelled_at),
})

const timeText = (at: Date | null) => at?.toISOString() ?? null

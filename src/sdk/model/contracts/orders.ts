import { z } from 'zod'
import { parseId } from '../ids.ts'
import { orderStates } from './order-states.ts'

/** An id in JSON: a string, as 63 bits do not fit into a JavaScript number. */
export const idText = z.string().refine((text) => parseId(text) !== undefined, 'is not an id')

/** What a client may say when it places an order. Where it belongs, the tag says. */
export const newOrderSchema = z.strictObject({
  userId: idText.optional(),
  shopId: idText.optional(),
  /** Hundredths of a yuan, at most 100,000 yuan. */
  amountFen: z.int().min(0).max(10_000_000).default(0),
  /** An order that is not paid by then is cancelled: seconds from now, at most a quarter of an hour. */
  payWithinS: z.int().min(1).max(900).default(900),
})
export type NewOrder = z.output<typeof newOrderSchema>

/** What a client may say when it moves an order on. */
export const orderMoveSchema = z.strictObject({
  to: z.enum(orderStates),
  /** Who shall bring it: with `assigned` alone, and there it must be given. Dispatch does it otherwise. */
  riderId: idText.optional(),
})
export type OrderMove = z.output<typeof orderMoveSchema>

/** An order as the order service answers it. More fields may come; clients must not mind. */
export const orderSchema = z.object({
  orderId: idText,
  /** The zone that wrote it last, and the epoch it did so under. */
  zone: z.string(),
  shard: z.int(),
  epoch: z.int(),
  state: z.enum(orderStates),
  cell: z.int(),
  userId: idText.nullable(),
  shopId: idText.nullable(),
  riderId: idText.nullable().default(null),
  amountFen: z.int(),
  /** When the zone's database took it, ISO 8601; then when it came to each further state, null for those it is not in. */
  createdAt: z.string(),
  paidAt: z.string().nullable().default(null),
  acceptedAt: z.string().nullable().default(null),
  assignedAt: z.string().nullable().default(null),
  pickedUpAt: z.string().nullable().default(null),
  deliveredAt: z.string().nullable().default(null),
  cancelledAt: z.string().nullable().default(null),
})
export type Order = z.output<typeof orderSchema>

/**
 * What is told of every change of an order, after its commit, on the topic of its zone's Kafka: key is the order id,
 * headers are zone, shard, epoch and traceparent. It only wakes; what is so, the database says.
 */
export const orderEventsTopic = 'orders.events'
export interface OrderEvent {
  readonly orderId: string
  readonly shard: number
  readonly cell: number
  readonly state: Order['state']
  /** `drc_ver` of the row that this tells of. */
  readonly version: string
  readonly atMs: number
}

/** `<orderId>:<version>`: which version of which order the answer has made or found (`drc_ver` after the write). */
export const versionHeader = 'x-ezone-version'

/** Makes a request safe to repeat: the same key in the same shard is the same request. 1-64 printable characters. */
export const requestKeyHeader = 'idempotency-key'
export const requestKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, 'must be 1-64 printable characters without spaces')

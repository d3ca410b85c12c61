import { z } from 'zod'
import { parseId } from '../ids.ts'

/** An id in JSON: a string, as 63 bits do not fit into a JavaScript number. */
export const idText = z.string().refine((text) => parseId(text) !== undefined, 'is not an id')

/** What a client may say when it places an order. Where it belongs, the tag says. */
export const newOrderSchema = z.strictObject({
  userId: idText.optional(),
  shopId: idText.optional(),
  /** Hundredths of a yuan, at most 100,000 yuan. */
  amountFen: z.int().min(0).max(10_000_000).default(0),
})
export type NewOrder = z.output<typeof newOrderSchema>

export const orderStates = ['created'] as const

/** An order as the order service answers it. More fields may come; clients must not mind. */
export const orderSchema = z.object({
  orderId: idText,
  zone: z.string(),
  shard: z.int(),
  epoch: z.int(),
  state: z.enum(orderStates),
  cell: z.int(),
  userId: idText.nullable(),
  shopId: idText.nullable(),
  amountFen: z.int(),
  /** When the zone's database took it, ISO 8601. */
  createdAt: z.string(),
})
export type Order = z.output<typeof orderSchema>

/** Makes a request safe to repeat: the same key in the same zone is the same order. 1-64 printable characters. */
export const requestKeyHeader = 'idempotency-key'
export const requestKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, 'must be 1-64 printable characters without spaces')

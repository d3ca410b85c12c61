import { z } from 'zod'
import { idText } from './orders.ts'

const place = { lat: z.number().min(-90).max(90), lng: z.number().min(-180).max(180) }

const dishSchema = z.strictObject({ name: z.string().min(1).max(60), priceFen: z.int().min(0).max(1_000_000) })

export const newMerchantSchema = z.strictObject({
  name: z.string().min(1).max(60),
  ...place,
  menu: z.array(dishSchema).max(50).default([]),
})
export type NewMerchant = z.output<typeof newMerchantSchema>

export const merchantSchema = z.object({
  merchantId: idText,
  zone: z.string(),
  shard: z.int(),
  cell: z.int(),
  name: z.string(),
  ...place,
})
export type Merchant = z.output<typeof merchantSchema>

/** What GET /merchants/:id/menu answers. */
export const menuSchema = z.object({ merchantId: idText, name: z.string(), menu: z.array(dishSchema) })
export type Menu = z.output<typeof menuSchema>

import { z } from 'zod'
import { idText } from './orders.ts'

/** Who a user is, is known to all zones or to none: the phone is unique in the whole world (the Global Zone). */
export const newUserSchema = z.strictObject({
  phone: z.string().regex(/^\+?[0-9]{5,15}$/, 'is 5-15 digits'),
})

export const userSchema = z.object({
  userId: idText,
  phone: z.string(),
  /** The zone that registered it. */
  zone: z.string(),
  createdAt: z.string(),
})
export type User = z.output<typeof userSchema>

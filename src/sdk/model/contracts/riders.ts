import { z } from 'zod'
import { idText } from './orders.ts'

const place = { lat: z.number().min(-90).max(90), lng: z.number().min(-180).max(180) }

export const newRiderSchema = z.strictObject({ name: z.string().min(1).max(60), ...place })
export type NewRider = z.output<typeof newRiderSchema>

export const riderStates = ['free', 'busy'] as const

export const riderSchema = z.object({
  riderId: idText,
  zone: z.string(),
  shard: z.int(),
  cell: z.int(),
  name: z.string(),
  state: z.enum(riderStates),
  /** The one order a busy rider carries; null for a free one. */
  orderId: idText.nullable(),
  /** How many it has brought. */
  trips: z.int(),
})
export type Rider = z.output<typeof riderSchema>

/** Where a rider says it is. `atMs` is the rider's own clock, milliseconds since the Unix epoch. */
export const positionSchema = z.strictObject({ ...place, atMs: z.int().min(0) })
export type Position = z.output<typeof positionSchema>

/** What became of a reported position: only `taken` ones are ever used. */
export const positionFates = ['taken', 'stale', 'jumping', 'ahead'] as const
export type PositionFate = (typeof positionFates)[number]
export const positionAnswerSchema = z.object({ fate: z.enum(positionFates) })

import { type FenceRow, idText, orderStates, z } from '@ezone/sdk'

/** What is read of an order event; what else it says is none of our business. */
const eventSchema = z.object({
  orderId: idText,
  shard: z.int().min(1),
  state: z.enum(orderStates),
  version: z.string().regex(/^\d{1,20}$/),
})
export type Event = z.output<typeof eventSchema>

/** Undefined where the text is no order event. */
export function eventIn(text: string): Event | undefined {
  try {
    return eventSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/**
 * Whose a shard is, by its fence row: asked of the database for every record, as it alone is never late. `moving`: it is
 * frozen here, and either thaws or goes; until then nobody may write it.
 */
export function whose(fence: FenceRow | undefined, zone: string): 'ours' | 'foreign' | 'moving' {
  if (fence === undefined || fence.zone !== zone) return 'foreign'
  return fence.state === 'ACTIVE' ? 'ours' : 'moving'
}

/** Versions have 64 bits, which a number does not hold. */
export const isNewer = (version: string, known: string | undefined): boolean =>
  known === undefined || BigInt(version) > BigInt(known)

import { z } from 'zod'
import { routingTableSchema } from '../table.ts'

/**
 * GET /subscribe of GZS answers one of these per line (NDJSON), for as long as the subscriber stays. The first is a
 * snapshot; another may come at any time. A delta carries every shard that changed, whole. A ping comes each second.
 */
export const tableMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), table: routingTableSchema }),
  z.object({
    type: z.literal('delta'),
    version: z.int().min(1),
    shards: z.array(routingTableSchema.shape.shards.element),
  }),
  z.object({ type: z.literal('ping') }),
])
export type TableMessage = z.output<typeof tableMessageSchema>

/** POST /acks of GZS: from now on this subscriber acts under this version. */
export const tableAckSchema = z.object({
  /** Such as `edge/router-2`; unique in a testbed. */
  name: z.string().min(1).max(100),
  /** The service: `router`, `soa-proxy`, `orders` … */
  kind: z.string().min(1).max(50),
  place: z.string().min(1).max(50),
  version: z.int().min(1),
})
export type TableAck = z.output<typeof tableAckSchema>

import {
  type Answer,
  type Call,
  type OwnShards,
  parseId,
  type Route,
  readingTag,
  type ServiceContext,
} from '@ezone/sdk'
import type { HeardOrders } from './heard.ts'

/** What the routes stand on. */
export interface Served {
  readonly context: Pick<ServiceContext, 'config'>
  readonly own: OwnShards
  readonly heard: Pick<HeardOrders, 'find'>
}

/**
 *   GET  /orders/:id   what was heard of an order
 *   GET  /shards       the shards this zone has
 */
export function routes({ context, own, heard }: Served): readonly Route[] {
  const show = async (call: Call): Promise<Answer> => {
    readingTag(call, context)
    const id = call.params.id ?? ''
    // A text that is no id can be nobody's.
    const found = parseId(id) === undefined ? undefined : await heard.find(id, call.signal)
    if (found !== undefined) return { status: 200, body: found }
    return { status: 404, body: { error: { code: 'NOT_HEARD', message: `this zone has heard nothing of ${id}` } } }
  }

  const shards = (): Answer => ({ status: 200, body: { zone: context.config.zone, shards: own.all() } })

  return [
    { method: 'GET', path: '/orders/:id', handle: show },
    { method: 'GET', path: '/shards', handle: shards },
  ]
}

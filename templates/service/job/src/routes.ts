import { type Answer, type Call, type OwnShards, type Route, readingTag, type ServiceContext } from '@ezone/sdk'
import type { Turns } from './turns.ts'

/** What the routes stand on. */
export interface Served {
  readonly context: Pick<ServiceContext, 'config'>
  readonly own: OwnShards
  readonly turns: Pick<Turns, 'last'>
}

/**
 *   GET  /turn     the last turn of the shard that the tag leads to
 *   GET  /shards   the shards this zone has
 */
export function routes({ context, own, turns }: Served): readonly Route[] {
  const turn = async (call: Call): Promise<Answer> => {
    const { shard } = readingTag(call, context)
    const last = await turns.last(shard, call.signal)
    if (last !== undefined) return { status: 200, body: last }
    return { status: 404, body: { error: { code: 'NO_TURN_YET', message: `shard ${shard} has had no turn yet` } } }
  }

  const shards = (): Answer => ({ status: 200, body: { zone: context.config.zone, shards: own.all() } })

  return [
    { method: 'GET', path: '/turn', handle: turn },
    { method: 'GET', path: '/shards', handle: shards },
  ]
}

import {
  type Call,
  countShards,
  EzoneError,
  hasPlanted,
  type RunningService,
  readGround,
  type ServiceContext,
  shardEpochs,
  TableSubscription,
} from '@ezone/sdk'
import { explainedTags } from './call-tags.ts'
import { Forwarder } from './forwarder.ts'

/**
 * The API Router: tag -> cell -> shard -> zone, decided in memory, then forwarded through the link.
 *
 *   ANY  /orders.. /users.. /riders.. /merchants..    to the zone of its shard, by x-ezone-tag or an id in the path;
 *                       without either by the fallback (the first cell of the lowest shard), counted
 *   ANY  /services/<name>/..    the same for any other service, by the header alone: the SOA proxy of that zone finds it
 *   GET  /explain       ?tag= or ?loc=, or the header: where it would go, and why
 *   GET  /stats         counts, and the table it acts on
 *   GET  /acknowledged  ?shard=&sinceMs=: what it told clients was done, for takeovers
 */
export async function startRouter(context: ServiceContext): Promise<RunningService> {
  const ground = await readGround(context.config.dataDir)
  const { config } = context
  const table = await TableSubscription.start(context, {
    keepsFirst: hasPlanted(config, 'stale-router') && config.instance === 2,
  })
  const forwarder = new Forwarder(context, table, ground)
  countShards(context.metrics, shardEpochs, () => (table.status() === null ? [] : table.index.table.shards))
  return {
    routes: [
      { method: 'GET', path: '/explain', handle: (call) => forwarder.explain(explainedTags(call)) },
      { method: 'GET', path: '/stats', handle: () => ({ status: 200, body: forwarder.stats() }) },
      {
        method: 'GET',
        path: '/acknowledged',
        handle: (call) => ({ status: 200, body: forwarder.acknowledged.page(pageOf(call)) }),
      },
    ],
    otherwise: (call) => forwarder.forward(call),
    // Asking for the table is the whole test: it throws where there is none.
    ready: async () => void table.index,
    [Symbol.asyncDispose]: () => forwarder[Symbol.asyncDispose](),
  }
}

function pageOf({ query }: Call): { shard: number; sinceMs: number; after: number } {
  const number = (name: string, fallback?: number) => {
    const text = query.get(name) ?? (fallback === undefined ? '' : String(fallback))
    if (/^\d{1,15}$/.test(text)) return Number(text)
    throw new EzoneError('EZ_BAD_REQUEST', `the query must have ${name}=, a whole number`)
  }
  return { shard: number('shard'), sinceMs: number('sinceMs'), after: number('after', 0) }
}

import { type RunningService, readGround, type ServiceContext } from '@ezone/sdk'
import { explainedTags, headerTags, orderTags } from './call-tags.ts'
import { Forwarder } from './forwarder.ts'
import { TableFeed } from './table-feed.ts'

/**
 * The API Router: tag -> cell -> shard -> zone, decided in memory, then forwarded through the link.
 *
 *   POST /orders        by x-ezone-tag; without one by the fallback (the first cell of the lowest shard), counted
 *   GET  /orders/:id    by the id itself
 *   GET  /explain       ?tag= or ?loc=, or the header: where it would go, and why
 *   GET  /stats         counts, and the table it acts on
 */
export async function startRouter(context: ServiceContext): Promise<RunningService> {
  const ground = await readGround(context.config.dataDir)
  const table = await TableFeed.start(context)
  const forwarder = new Forwarder(context, table, ground)
  return {
    routes: [
      { method: 'POST', path: '/orders', handle: (call) => forwarder.forward(call, headerTags(call)) },
      { method: 'GET', path: '/orders/:id', handle: (call) => forwarder.forward(call, orderTags(call)) },
      { method: 'GET', path: '/explain', handle: (call) => forwarder.explain(explainedTags(call)) },
      { method: 'GET', path: '/stats', handle: () => ({ status: 200, body: forwarder.stats() }) },
    ],
    // Asking for the table is the whole test: it throws where there is none.
    ready: async () => void table.index,
    [Symbol.asyncDispose]: () => forwarder[Symbol.asyncDispose](),
  }
}

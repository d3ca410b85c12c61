import {
  countShards,
  type ProxyStats,
  type RunningService,
  readGround,
  type ServiceContext,
  type ServicesAnswer,
  shardEpochs,
  TableSubscription,
} from '@ezone/sdk'
import { Zookeeper } from '@ezone/sdk/zookeeper'
import { CallForwarder } from './call-forwarder.ts'
import { CallCounts } from './counts.ts'
import { Neighbours } from './neighbours.ts'
import { Registry } from './registry.ts'

/**
 * The SOA Proxy of a place: calls between services.
 *
 *   ANY  /<service>/<path at the service>   by x-ezone-tag, or the signed tag of the call it is part of. A multi-active
 *                    service is called in the zone of the shard, any other where it lives. `x-ezone-path` tells the way
 *   GET  /services   what is registered in this zone, for the proxies of others
 *   GET  /stats      counts, and the table it acts on
 */
export async function startSoaProxy(context: ServiceContext): Promise<RunningService> {
  const { zone, stores, dataDir } = context.config
  if (zone === null || stores.zookeeper === undefined)
    throw new TypeError('a SOA proxy stands in a zone and needs its ZooKeeper')
  const ground = await readGround(dataDir)
  await using starting = new AsyncDisposableStack()
  const zookeeper = starting.use(Zookeeper.connect({ servers: [stores.zookeeper], clock: context.clock }))
  const registry = starting.use(new Registry(zookeeper, context))
  const neighbours = starting.use(new Neighbours(context))
  const table = await TableSubscription.start(context)
  countShards(context.metrics, shardEpochs, () => (table.status() === null ? [] : table.index.table.shards))
  const counts = new CallCounts(context)
  const forwarder = new CallForwarder({ context, zone, table, ground, registry, neighbours, counts })
  const own = starting.move()
  const stats = (): ProxyStats => ({
    ...counts.values,
    holds: forwarder.hold.stats(),
    refused: { ...context.refused.counts },
    table: table.status(),
  })
  const services = (): ServicesAnswer => {
    registry.assertTold()
    return { zone, services: registry.services() }
  }
  return {
    routes: [
      { method: 'GET', path: '/stats', handle: () => ({ status: 200, body: stats() }) },
      { method: 'GET', path: '/services', handle: () => ({ status: 200, body: services() }) },
    ],
    otherwise: (call) => forwarder.forward(call),
    ready: async () => {
      registry.assertTold()
      void table.index
    },
    [Symbol.asyncDispose]: () => own.disposeAsync(),
  }
}

import {
  EzoneError,
  followZoneChanges,
  OwnShards,
  orderEventsTopic,
  type RunningService,
  type ServiceContext,
} from '@ezone/sdk'
import { migrateUntilDone, ZoneDatabase } from '@ezone/sdk/dal'
import { consume } from '@ezone/sdk/kafka'
import { registerService, Zookeeper } from '@ezone/sdk/zookeeper'
import { ZoneHeardOrders } from './heard.ts'
import { Listener } from './listener.ts'
import { routes } from './routes.ts'
import { migrations } from './tables.ts'

/** Rides out a restart of the zone's ZooKeeper. */
const sessionTimeoutMs = 30_000

/** The service of one zone. It returns at once: its stores may come later, or go and come again; `ready` tells. */
export async function startService(context: ServiceContext): Promise<RunningService> {
  const { config, clock, signal } = context
  const { zone, service, place, instance } = config
  const { mysql, kafka, zookeeper: server } = config.stores
  if (zone === null || !mysql || !kafka || !server)
    throw new TypeError('it stands in a zone, and needs its MySQL, its Kafka and its ZooKeeper')

  // What is begun here is given back at the end, the last first; at once, where something further on fails.
  await using starting = new AsyncDisposableStack()
  const zookeeper = starting.use(Zookeeper.connect({ servers: [server], clock, sessionTimeoutMs, signal }))
  starting.use(registerService(zookeeper, context, 'multi-active'))
  const db = starting.use(ZoneDatabase.open({ mysql, zone, clock }))
  const heard = new ZoneHeardOrders({ db, zone, nowMs: () => clock.nowMs() })

  const fates = context.metrics.counter('ezone_records_total', 'Records heard, by what became of them.')
  const listener = new Listener({ heard, zone, count: (fate) => fates.add({ fate }) })
  const listen = () => {
    const who = { broker: kafka, clientId: `${service}-${place}-${instance}`, group: service }
    void consume({ ...who, topics: [orderEventsTopic], from: 'kept', onRecord: listener.take }, context)
  }
  const migrated = migrateUntilDone(db, { service, migrations, onDone: listen }, context)

  // Further hooks are told in this order of a shard that comes, and in the reverse of one that goes: warm up, let go.
  const changes = starting.use(await followZoneChanges(context))
  const own = new OwnShards()
  changes.onZoneChange('own shards', own.hear)

  const held = starting.move()
  return {
    routes: routes({ context, own, heard }),
    ready: async () => {
      if (!migrated.done) throw new EzoneError('EZ_NOT_READY', 'the schema is not there yet')
      await db.ping()
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

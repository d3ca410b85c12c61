import { EzoneError, followZoneChanges, OwnShards, type RunningService, type ServiceContext } from '@ezone/sdk'
import { migrateUntilDone, ZoneDatabase } from '@ezone/sdk/dal'
import { LeasedIds, registerService, Zookeeper } from '@ezone/sdk/zookeeper'
import { routes } from './routes.ts'
import { migrations } from './tables.ts'
import { ZoneNotes } from './zone-notes.ts'

/** Rides out a restart of the zone's ZooKeeper. */
const sessionTimeoutMs = 30_000

/** The service of one zone. It returns at once: its stores may come later, or go and come again; `ready` tells. */
export async function startService(context: ServiceContext): Promise<RunningService> {
  const { config, clock, signal } = context
  const { zone, zoneNumber } = config
  const { mysql, zookeeper: server } = config.stores
  if (zone === null || zoneNumber === null || !mysql || !server)
    throw new TypeError('it stands in a zone, and needs its MySQL and its ZooKeeper')

  // What is begun here is given back at the end, the last first; at once, where something further on fails.
  await using starting = new AsyncDisposableStack()
  const zookeeper = starting.use(Zookeeper.connect({ servers: [server], clock, sessionTimeoutMs, signal }))
  starting.use(registerService(zookeeper, context, 'multi-active'))
  const ids = starting.use(new LeasedIds({ zone: zoneNumber, zookeeper, clock }))
  const db = starting.use(ZoneDatabase.open({ mysql, zone, clock }))
  const migrated = migrateUntilDone(db, { service: config.service, migrations }, context)

  // Further hooks are told in this order of a shard that comes, and in the reverse of one that goes: warm up, let go.
  const changes = starting.use(await followZoneChanges(context))
  const own = new OwnShards()
  changes.onZoneChange('own shards', own.hear)

  const held = starting.move()
  return {
    routes: routes({ context, ids, own, notes: new ZoneNotes(db) }),
    ready: async () => {
      if (!migrated.done) throw new EzoneError('EZ_NOT_READY', 'the schema is not there yet')
      await Promise.all([db.ping(), ids.ready()])
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

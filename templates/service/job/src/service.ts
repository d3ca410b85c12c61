import {
  EzoneError,
  followZoneChanges,
  OwnShards,
  type RunningService,
  runRounds,
  type ServiceContext,
} from '@ezone/sdk'
import { migrateUntilDone, ZoneDatabase } from '@ezone/sdk/dal'
import { registerService, Zookeeper } from '@ezone/sdk/zookeeper'
import { Job } from './job.ts'
import { routes } from './routes.ts'
import { migrations } from './tables.ts'
import { ZoneTurns } from './turns.ts'

/** Rides out a restart of the zone's ZooKeeper. */
const sessionTimeoutMs = 30_000
/** How often it looks whether a shard is due. */
const lookEveryMs = 1_000

/** The service of one zone. It returns at once: its stores may come later, or go and come again; `ready` tells. */
export async function startService(context: ServiceContext): Promise<RunningService> {
  const { config, clock, signal } = context
  const { zone, service } = config
  const { mysql, zookeeper: server } = config.stores
  if (zone === null || !mysql || !server)
    throw new TypeError('it stands in a zone, and needs its MySQL and its ZooKeeper')

  // What is begun here is given back at the end, the last first; at once, where something further on fails.
  await using starting = new AsyncDisposableStack()
  const zookeeper = starting.use(Zookeeper.connect({ servers: [server], clock, sessionTimeoutMs, signal }))
  starting.use(registerService(zookeeper, context, 'multi-active'))
  const db = starting.use(ZoneDatabase.open({ mysql, zone, clock }))
  const turns = new ZoneTurns({ db, zone })

  // Further hooks are told in this order of a shard that comes, and in the reverse of one that goes: warm up, let go.
  const changes = starting.use(await followZoneChanges(context))
  const own = new OwnShards()
  changes.onZoneChange('own shards', own.hear)

  const fates = context.metrics.counter('ezone_turns_total', 'Turns of shards, by what became of them.')
  const job = new Job({ turns, own, clock, count: (fate) => fates.add({ fate }) })
  const begin = () => void runRounds({ name: 'the job', everyMs: lookEveryMs, round: () => job.round() }, context)
  const migrated = migrateUntilDone(db, { service, migrations, onDone: begin }, context)

  const held = starting.move()
  return {
    routes: routes({ context, own, turns }),
    ready: async () => {
      if (!migrated.done) throw new EzoneError('EZ_NOT_READY', 'the schema is not there yet')
      await db.ping()
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

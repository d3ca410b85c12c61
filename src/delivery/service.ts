import { EzoneError, hasPlanted, type RunningService, type ServiceContext } from '@ezone/sdk'
import { GlobalDatabase, migrateUntilDone, ZoneDatabase } from '@ezone/sdk/dal'
import { LeasedIds, registerService, Zookeeper } from '@ezone/sdk/zookeeper'
import { startBackground } from './background.ts'
import { Cache } from './cache.ts'
import { KafkaLink } from './events/kafka-link.ts'
import { OrderEvents } from './events/order-events.ts'
import { Menus } from './merchants/menus.ts'
import { Orders } from './orders/orders.ts'
import { Positions } from './riders/positions.ts'
import { merchantRoutes } from './routes/merchants.ts'
import { orderRoutes } from './routes/orders.ts'
import { countRefusals } from './routes/refusals.ts'
import { riderRoutes } from './routes/riders.ts'
import { userRoutes } from './routes/users.ts'
import { migrations } from './tables.ts'
import { Users } from './users/users.ts'

/** Rides out a restart of the zone's ZooKeeper. */
const zookeeperSessionMs = 30_000

/**
 * The order service of one zone: orders, and who places, cooks and brings them. Everything but users is the zone's own,
 * written to its MySQL under the fence of its shard; users are the Global Zone's.
 *
 * Requests come through a router or a SOA proxy, signed for this very zone. Beside them it dispatches riders and cancels
 * what is not paid, for the shards that are this zone's now.
 */
export async function startOrders(context: ServiceContext): Promise<RunningService> {
  const { config, clock, log } = context
  const { zone, zoneNumber, stores, sabotage } = config
  const { mysql, redis, kafka, zookeeper: ensemble, global } = stores
  if (zone === null || zoneNumber === null || !mysql || !redis || !kafka || !ensemble || !global)
    throw new TypeError('the order service stands in a zone and needs its stores')

  await using starting = new AsyncDisposableStack()
  const zookeeper = starting.use(
    Zookeeper.connect({ servers: [ensemble], clock, sessionTimeoutMs: zookeeperSessionMs, signal: context.signal }),
  )
  starting.use(registerService(zookeeper, context, 'multi-active'))
  // Planted bug: every zone takes itself for the first.
  const idZone = hasPlanted(config, 'overlapping-ids') ? 1 : zoneNumber
  const ids = starting.use(new LeasedIds({ zone: idZone, zookeeper, clock }))
  const db = starting.use(ZoneDatabase.open({ mysql, zone, clock, sabotage }))
  const globalDb = starting.use(GlobalDatabase.open({ global, zone, clock }))
  const cache = starting.use(new Cache(redis, log))
  const wakeUp = { listener: (_event: string) => {} }
  const kafkaLink = starting.use(
    new KafkaLink({
      broker: kafka,
      clientId: `orders-${config.place}-${config.instance}`,
      context,
      onEvent: (event) => wakeUp.listener(event),
    }),
  )
  const events = new OrderEvents(context, kafkaLink)
  const changes = context.metrics.counter('ezone_orders_changes_total', 'Changes of orders that were committed.')
  const orders = new Orders({ db, clock, zone, events, changes })
  const positions = new Positions(cache, clock)
  const menus = new Menus(db, cache)
  const users = new Users(globalDb, clock)

  const onDone = () => {
    const background = startBackground({ context, db, orders, positions, menus, events, zone })
    wakeUp.listener = background.onEvent
  }
  const migrated = migrateUntilDone(db, { service: 'orders', migrations, onDone }, context)
  const own = starting.move()
  const served = { context, zone, ids, db, orders, positions, menus, users, clock }
  const routes = [...orderRoutes(served), ...userRoutes(served), ...riderRoutes(served), ...merchantRoutes(served)]
  return {
    routes: countRefusals(context, routes),
    ready: async () => {
      if (!migrated.done) throw new EzoneError('EZ_NOT_READY', 'the schema of the zone is not there yet')
      await Promise.all([db.ping(), ids.ready()])
    },
    [Symbol.asyncDispose]: () => own.disposeAsync(),
  }
}

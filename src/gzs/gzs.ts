import { setTimeout as sleep } from 'node:timers/promises'
import { countShards, type RunningService, readGround, type ServiceContext, shardEpochs } from '@ezone/sdk'
import { type Registration, register } from '@ezone/sdk/zookeeper'
import { firstTable } from './first-table.ts'
import { GlobalZone } from './global-zone.ts'
import { limits } from './limits.ts'
import { Mover, type MoverOptions } from './mover.ts'
import { routesOf } from './routes.ts'
import { Subscribers } from './subscribers.ts'
import { switchRoutes } from './switch-routes.ts'
import { Switcher } from './switcher.ts'
import { TableBoard } from './table-board.ts'
import { Truth } from './truth.ts'

/**
 * The Global Zone Service: follows the truth in the global ensemble, hands the table out, and moves shards.
 *
 *   GET  /table           the routing table, with an ETag: who has it asks again for the price of a 304
 *   GET  /cities?name=    the cell of a city, for those who have no copy of the data
 *   GET  /history         who changed the table, why; newest first
 *   GET  /subscribe?name=&kind=&place=   NDJSON: a snapshot, then every change as it comes, and a ping each second
 *   POST /acks            a subscriber says under which version it acts
 *   GET  /subscribers     of every GZS; with ?own=1 of this one
 *   POST /moves           begins a move of a shard
 *   GET  /moves/:shard    how far it is
 *   GET  /unsettled       shards that were taken, and of which more may be on its way
 *   POST /switches        begins to move all shards of a zone, or some of them
 *   GET  /switches        those that are kept, newest first
 *   GET  /switches/:id    how far it is
 *   POST /global-moves    begins to move the master of the Global Zone
 *   GET  /global-moves    who it is, how far its move is, and what each zone has made of it
 */
export async function startGzs(
  context: ServiceContext,
  hooks: Pick<MoverOptions, 'onStep'> = {},
): Promise<RunningService> {
  const { config, clock } = context
  const { cells, divisions, cities } = await readGround(config.dataDir)
  const board = await TableBoard.open(context)
  const truth = Truth.open({
    ...context,
    first: () => firstTable({ divisions, cells, zoneOf: config.shards }),
    onTable: (table) => board.post(table),
  })
  const inTouch = () => truth.known && truth.zookeeper.safeForMs > 0
  const subscribers = new Subscribers({ place: config.place, board, clock, inTouch })
  const mover = new Mover({ ...context, ...hooks, truth })
  count(context, board, subscribers)
  const announced = announce(context, truth)
  const switcher = new Switcher({ ...context, ...hooks, truth, mover })
  const global = new GlobalZone({ ...hooks, context, truth, mover, switcher })
  const running = Promise.all([mover.run(), switcher.run()])

  return {
    routes: [
      ...routesOf({ context, cities, board, truth, subscribers, mover }),
      ...switchRoutes({ truth, switcher }),
      ...global.routes,
    ],
    ready: async () => void board.posted,
    async [Symbol.asyncDispose]() {
      await running
      await (await announced)?.[Symbol.asyncDispose]()
      await global[Symbol.asyncDispose]()
      await truth[Symbol.asyncDispose]()
      await board.settled()
    },
  }
}

/** So that others see that this GZS lives, and whose moves are nobody's any more. Undefined where it ends before. */
async function announce({ config, log, signal }: ServiceContext, truth: Truth): Promise<Registration | undefined> {
  const { place, instance, listen, zone } = config
  const data = { ...listen, zone, place, class: 'global' as const }
  for (let failed = false; !signal.aborted; failed = true) {
    try {
      await truth.zookeeper.ready(signal)
      return await register(truth.zookeeper, { service: 'gzs', place, instance, data, signal })
    } catch (error) {
      if (!failed && !signal.aborted) log.warn({ err: error }, 'this GZS is not announced yet; it is tried again')
      await sleep(limits.retryMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }
  return undefined
}

function count({ metrics }: ServiceContext, board: TableBoard, subscribers: Subscribers): void {
  const version = metrics.gauge('ezone_table_version', 'Version of the routing table that is handed out.')
  const connected = metrics.gauge('ezone_gzs_subscribers', 'Subscribers with an open stream.')
  countShards(metrics, shardEpochs, () => board.table?.shards ?? [])
  metrics.beforeRead(() => {
    version.set(board.table?.version ?? 0)
    connected.set(subscribers.list().filter((s) => s.connected).length)
  })
}

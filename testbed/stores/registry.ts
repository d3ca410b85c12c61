import type {
  KafkaSpec,
  MysqlSpec,
  RedisSpec,
  Spec,
  StoreSpec,
  ToxiproxySpec,
  ZookeeperSpec,
} from '../topology/blueprint.ts'
import type { StoreContext } from './context.ts'
import { launchKafka, probeKafka } from './kafka.ts'
import type { Launch, Launcher, Site } from './launch.ts'
import { launchMysql } from './mysql.ts'
import { probeMysql } from './mysql-probe.ts'
import { lookUntilReady, type Probe, type WaitReadyOptions } from './ready.ts'
import { launchRedis, probeRedis } from './redis.ts'
import { launchToxiproxy, probeToxiproxy } from './toxiproxy.ts'
import { launchZookeeper, probeZookeeper } from './zookeeper.ts'

/** How one kind of store is started and how it is seen to serve. */
interface Store<S extends Spec> {
  readonly launch: Launcher<S>
  readonly probe: Probe<S>
}

interface Stores {
  readonly mysql: Store<MysqlSpec>
  readonly redis: Store<RedisSpec>
  readonly kafka: Store<KafkaSpec>
  readonly zookeeper: Store<ZookeeperSpec>
  readonly toxiproxy: Store<ToxiproxySpec>
}

const stores: Stores = {
  mysql: { launch: launchMysql, probe: probeMysql },
  redis: { launch: launchRedis, probe: probeRedis },
  kafka: { launch: launchKafka, probe: probeKafka },
  zookeeper: { launch: launchZookeeper, probe: probeZookeeper },
  toxiproxy: { launch: launchToxiproxy, probe: probeToxiproxy },
}

export type ServerSpec = StoreSpec | ToxiproxySpec

// A spec's kind picks the entry made for it; TypeScript cannot follow that through the union.
const storeOf = <S extends ServerSpec>(spec: S) => stores[spec.kind] as unknown as Store<S>

/** How a server is started at a site. Pure; only the seed, when it is made, touches anything. */
export function launchOf(spec: ServerSpec, site: Site, context: StoreContext): Launch {
  return storeOf(spec).launch(spec, site, context)
}

/**
 * Waits until a server really serves, in its own protocol, seen from the host; the same for every runtime.
 *
 * @throws EZ_NOT_READY with what was found last, when the signal is a deadline (AbortSignal.timeout) and that has passed;
 * the signal's own reason when it is aborted for another one.
 */
export function waitReady(spec: ServerSpec, options: WaitReadyOptions): Promise<void> {
  return lookUntilReady(spec, storeOf(spec).probe, options)
}

export type { StoreContext } from './context.ts'
export { prepareTemplates } from './templates.ts'

import type { RunningService, ServiceContext } from '@ezone/sdk'
import { type Address, type DrcStatus, hasPlanted, type MysqlAccess, type ServiceConfig } from '@ezone/sdk/model'
import { Leadership, type Term, Zookeeper } from '@ezone/sdk/zookeeper'
import { conflictsRoute } from './conflicts-route.ts'
import { runApplier } from './roles/applier-role.ts'
import { runRelay } from './roles/relay-role.ts'
import type { RoleContext } from './roles/role.ts'
import { RoleStatus } from './roles/role-status.ts'
import { tapRoute } from './tap-route.ts'

/** Short: a leader that died is followed after this. Losing it for nothing costs a pause, never a change. */
const sessionTimeoutMs = 6_000

interface Role {
  readonly status: RoleStatus
  readonly path: string
  readonly run: (signal: AbortSignal) => Promise<void>
}

/**
 * An instance of the replication. In each zone one instance is the relay and one the applier of each other zone; who is,
 * the zone's ZooKeeper knows. Correctness does not rest on it: two relays repeat what readers leave out, and of two
 * appliers one finds the position moved.
 */
export async function startDrc(context: ServiceContext): Promise<RunningService> {
  const { config, clock, log } = context
  const zone = config.zone
  const { mysql, kafka, zookeeper } = config.stores
  if (zone === null || !mysql || !kafka || !zookeeper) throw new TypeError('drc runs in a zone, beside its stores')
  const roles = rolesOf(context, { zone, mysql, kafka })
  const zk = Zookeeper.connect({ servers: [zookeeper], sessionTimeoutMs, clock })
  const candidates = roles.map(({ path, run, status }) =>
    Leadership.stand(zk, {
      path,
      data: `${config.place}-${config.instance}`,
      onGained: (term: Term) => run(term.signal).finally(() => status.is('standby')),
      onError: (error) => log.warn({ err: error, path }, 'cannot stand for a role'),
    }),
  )
  return {
    routes: [
      { method: 'GET', path: '/status', handle: () => ({ status: 200, body: statusOf(config, zone, roles) }) },
      {
        method: 'GET',
        path: '/traces/:trace',
        handle: ({ params }) => ({
          status: 200,
          body: { traces: roles.flatMap(({ status }) => status.traced(params.trace ?? '')) },
        }),
      },
      conflictsRoute(mysql),
      tapRoute({ kafka, zone }),
    ],
    ready: (signal) => zk.ready(signal),
    async [Symbol.asyncDispose]() {
      await Promise.all(candidates.map((candidate) => candidate[Symbol.asyncDispose]()))
      await zk.close()
    },
  }
}

function rolesOf(
  context: ServiceContext,
  stores: { readonly zone: string; readonly mysql: MysqlAccess; readonly kafka: Address },
): readonly Role[] {
  const { config, clock, metrics, log } = context
  const base = (role: 'relay' | 'applier', source: string): RoleContext => ({
    config,
    clock,
    log,
    ...stores,
    status: new RoleStatus({ role, source, clock, metrics, lies: hasPlanted(config, 'lying-lag') }),
  })
  const relay = base('relay', stores.zone)
  const others = Object.entries(config.far).flatMap(([source, { kafka }]) => (kafka ? [{ source, kafka }] : []))
  return [
    { status: relay.status, path: '/ezone/drc/relay', run: (signal) => runRelay(relay, signal) },
    ...others.map(({ source, kafka }) => {
      const applier = { ...base('applier', source), kafka, source }
      return {
        status: applier.status,
        path: `/ezone/drc/applier-${source}`,
        run: (signal: AbortSignal) => runApplier(applier, signal),
      }
    }),
  ]
}

const statusOf = ({ place, instance }: ServiceConfig, zone: string, roles: readonly Role[]): DrcStatus => ({
  zone,
  place,
  instance,
  roles: roles.map(({ status }) => status.snapshot()),
})

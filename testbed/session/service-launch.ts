import type { Address, MysqlAccess, ServiceConfig } from '@ezone/sdk/model'
import type { Account, Credentials } from '../stores/credentials.ts'
import type { Launch, Site } from '../stores/launch.ts'
import { fromSource, packageRoot } from '../surroundings/folders.ts'
import { type Blueprint, type ServiceSpec, type StoreSpec, seenFrom } from '../topology/blueprint.ts'

const config = 'config.json'

/** How a service of ours is started: Node, its entry, and one file that tells it where it stands. */
export function launchService(spec: ServiceSpec, site: Site, blueprint: Blueprint, credentials: Credentials): Launch {
  const extension = fromSource ? '.ts' : '.js'
  return {
    program: null,
    // 96 MiB of heap is several times what a service uses; beyond that something leaks, and it shall be seen.
    args: [
      '--max-old-space-size=96',
      ...(fromSource ? ['--conditions=ezone-source'] : []),
      `${spec.entry}${extension}`,
    ],
    env: { EZONE_SERVICE_CONFIG: `${site.dataDir}/${config}` },
    files: [{ path: config, text: `${JSON.stringify(serviceConfig(spec, site, blueprint, credentials), null, 2)}\n` }],
    seed: null,
    stopGraceMs: 3_000,
  }
}

/** What a service is told: where it stands, and what it finds there. */
export function serviceConfig(
  spec: ServiceSpec,
  site: Pick<Site, 'bind' | 'dataDir'>,
  blueprint: Blueprint,
  credentials: Credentials,
): ServiceConfig {
  const zone = blueprint.zones.find((z) => z.name === spec.zone)
  return {
    service: spec.service,
    instance: spec.instance,
    testbed: blueprint.name,
    place: spec.place,
    zone: spec.zone,
    zoneNumber: zone?.number ?? null,
    zones: blueprint.zones.map(({ name, number }) => ({ name, number })),
    policy: blueprint.policy,
    ...(blueprint.failoverAfterMs !== undefined && { failoverAfterMs: blueprint.failoverAfterMs }),
    sabotage: blueprint.sabotage,
    ...(spec.clockOffsetMs !== undefined && { clockOffsetMs: spec.clockOffsetMs }),
    writer: spec.writer,
    listen: site.bind('http'),
    secret: credentials.secret,
    stores: storesFor(spec, blueprint, credentials),
    far: Object.fromEntries(
      blueprint.zones
        .filter((other) => other.name !== spec.zone)
        .map((other) => [other.name, farStores(spec, other.name, blueprint, credentials)]),
    ),
    peers: Object.fromEntries(spec.peers.map((peer) => [peer, instancesOf(peer, spec, blueprint)])),
    shards: { ...blueprint.shards },
    dataDir: `${packageRoot}/data`,
    stateDir: site.dataDir,
  }
}

/** A store of a zone as the service finds it from its own place. */
function storeOf(name: string, zone: string | null, { place }: ServiceSpec, blueprint: Blueprint) {
  const target = blueprint.specs.find((s): s is StoreSpec => s.name === name && s.zone === zone && s.kind !== 'service')
  return target && seenFrom(blueprint, place, target, 'host')
}

function storesFor(spec: ServiceSpec, blueprint: Blueprint, { mysql, redis }: Credentials): ServiceConfig['stores'] {
  const wanted = (name: ServiceSpec['stores'][number]) =>
    spec.stores.includes(name) ? storeOf(name, spec.zone, spec, blueprint) : undefined
  const own = { mysql: wanted('mysql'), redis: wanted('redis'), kafka: wanted('kafka'), zookeeper: wanted('zookeeper') }
  return {
    ...(own.mysql && { mysql: { ...own.mysql, ...mysql[spec.account] } }),
    ...(own.redis && { redis: { ...own.redis, password: redis.password } }),
    ...(own.kafka && { kafka: own.kafka }),
    ...(own.zookeeper && { zookeeper: own.zookeeper }),
    ...(spec.stores.includes('ensemble') && { ensemble: ensembleFor(spec, blueprint) }),
    ...(spec.stores.includes('global') && {
      global: { master: blueprint.globalMaster, members: globalFor(spec, blueprint, mysql[spec.account]) },
    }),
  }
}

/** The member of the own place first: the others are asked only where it does not answer. */
function ensembleFor(spec: ServiceSpec, blueprint: Blueprint): Address[] {
  const members = blueprint.specs.filter((s) => s.name === 'zookeeper-global')
  const nearFirst = members.toSorted((a, b) => Number(b.place === spec.place) - Number(a.place === spec.place))
  return nearFirst.flatMap((member) => seenFrom(blueprint, spec.place, member, 'host') ?? [])
}

function globalFor(spec: ServiceSpec, blueprint: Blueprint, account: Account): Record<string, MysqlAccess> {
  return Object.fromEntries(
    blueprint.zones.flatMap(({ name }) => {
      const address = storeOf('mysql-global', name, spec, blueprint)
      return address === undefined ? [] : [[name, { ...address, ...account }]]
    }),
  )
}

function farStores(spec: ServiceSpec, zone: string, blueprint: Blueprint, { mysql }: Credentials) {
  const kafka = spec.far.includes('kafka') ? storeOf('kafka', zone, spec, blueprint) : undefined
  const database = spec.far.includes('mysql') ? storeOf('mysql', zone, spec, blueprint) : undefined
  return { ...(kafka && { kafka }), ...(database && { mysql: { ...database, ...mysql[spec.account] } }) }
}

/** Every instance of a service, where this one finds it: through the link wherever it stands in another place. */
function instancesOf(peer: string, from: ServiceSpec, blueprint: Blueprint): ServiceConfig['peers'][string] {
  return blueprint.specs
    .filter((spec) => spec.kind === 'service' && spec.service === peer)
    .flatMap((spec) => {
      const address = seenFrom(blueprint, from.place, spec, 'host')
      return address === undefined ? [] : [{ ...address, place: spec.place, zone: spec.zone }]
    })
}

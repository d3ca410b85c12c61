import type { ServiceConfig } from '@ezone/sdk/model'
import type { Credentials } from '../stores/credentials.ts'
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

function serviceConfig(spec: ServiceSpec, site: Site, blueprint: Blueprint, credentials: Credentials): ServiceConfig {
  const zone = blueprint.zones.find((z) => z.name === spec.zone)
  const store = (name: string) => {
    const target = blueprint.specs.find(
      (s): s is StoreSpec => s.name === name && s.zone === spec.zone && s.kind !== 'service',
    )
    return target && spec.stores.includes(target.kind) ? seenFrom(blueprint, spec.place, target, 'host') : undefined
  }
  const mysql = store('mysql')
  const redis = store('redis')
  const kafka = store('kafka')
  const zookeeper = store('zookeeper')
  return {
    service: spec.name,
    testbed: blueprint.name,
    place: spec.place,
    zone: spec.zone,
    zoneNumber: zone?.number ?? null,
    writer: spec.writer,
    listen: site.bind('http'),
    secret: credentials.secret,
    stores: {
      ...(mysql && { mysql: { ...mysql, user: credentials.mysql.app.user, password: credentials.mysql.app.password } }),
      ...(redis && { redis: { ...redis, password: credentials.redis.password } }),
      ...(kafka && { kafka }),
      ...(zookeeper && { zookeeper }),
    },
    peers: Object.fromEntries(spec.peers.map((peer) => [peer, instancesOf(peer, spec, blueprint)])),
    shards: { ...blueprint.shards },
    dataDir: `${packageRoot}/data`,
    stateDir: site.dataDir,
  }
}

/** Every instance of a service, where this one finds it: through the link wherever it stands in another place. */
function instancesOf(peer: string, from: ServiceSpec, blueprint: Blueprint): ServiceConfig['peers'][string] {
  return blueprint.specs
    .filter((spec) => spec.kind === 'service' && spec.name === peer)
    .flatMap((spec) => {
      const address = seenFrom(blueprint, from.place, spec, 'host')
      return address === undefined ? [] : [{ ...address, place: spec.place, zone: spec.zone }]
    })
}

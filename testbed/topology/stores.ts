import type { AddressPlan } from './addresses.ts'
import type {
  KafkaSpec,
  MysqlSpec,
  Place,
  Port,
  Protocol,
  RedisSpec,
  StoreSpec,
  Zone,
  ZookeeperSpec,
} from './blueprint.ts'
import type { Topology } from './schema.ts'

export interface ExpandContext {
  readonly topology: Topology
  readonly runtime: 'process' | 'docker'
  readonly zones: readonly Zone[]
  readonly places: readonly Place[]
  readonly addresses: AddressPlan
}

/** The stores of every zone, in its first IDC, and the members of the global ensemble. */
export function storesOf(context: ExpandContext): readonly StoreSpec[] {
  const zoned = context.zones.flatMap((zone) => {
    const place = context.places.find((p) => p.name === zone.idcs[0])
    return place === undefined ? [] : storesOfZone(context, zone, place)
  })
  return [...zoned, ...globalMembers(context).map((member) => ensembleMember(context, member))]
}

function storesOfZone(context: ExpandContext, zone: Zone, place: Place): readonly StoreSpec[] {
  const mysql = (name: string, role: MysqlSpec['role']): MysqlSpec => ({
    ...base(context, place, name),
    kind: 'mysql',
    role,
    serverId: zone.number * 10 + (role === 'zone' ? 1 : 5),
    autoIncrementOffset: zone.number,
    durability: context.topology.mysql.durability,
    sources: role === 'global' ? globalSources(context, place) : [],
    ports: [
      door(context, place, name, {
        name: 'client',
        protocol: 'mysql',
        port: context.topology.ports.mysql,
        reach: 'zones',
      }),
    ],
  })
  const redis: RedisSpec = {
    ...base(context, place, 'redis'),
    kind: 'redis',
    ports: [
      door(context, place, 'redis', {
        name: 'client',
        protocol: 'redis',
        port: context.topology.ports.redis,
        reach: 'zones',
      }),
    ],
  }
  const zookeeper: ZookeeperSpec = {
    ...base(context, place, 'zookeeper'),
    kind: 'zookeeper',
    ensemble: null,
    ports: [zookeeperDoor(context, place, 'zookeeper', 'zones')],
  }
  return [mysql('mysql', 'zone'), mysql('mysql-global', 'global'), redis, zookeeper, kafkaOf(context, place)]
}

/** Kafka tells clients its own address, so each foreign place gets a listener that advertises the link over there. */
function kafkaOf(context: ExpandContext, place: Place): KafkaSpec {
  const { topology, addresses } = context
  const foreign = context.places.filter((p) => p.kind === 'idc' && p.name !== place.name)
  const far = foreign.map((other, index) => {
    const port = topology.ports.kafka + 100 + index
    return {
      listener: `FAR_${other.name.toUpperCase()}`,
      port: `far-${other.name}`,
      advertised: addresses.foreign(other.name, place.name, 'kafka', { name: `far-${other.name}`, port }),
      door: door(context, place, 'kafka', {
        name: `far-${other.name}`,
        protocol: 'kafka',
        port,
        reach: 'zones',
        only: other.name,
      }),
    }
  })
  return {
    ...base(context, place, 'kafka'),
    kind: 'kafka',
    foreign: far.map(({ door: _, ...listener }) => listener),
    ports: [
      door(context, place, 'kafka', { name: 'client', protocol: 'kafka', port: topology.ports.kafka, reach: 'local' }),
      door(context, place, 'kafka', {
        name: 'controller',
        protocol: 'control',
        port: topology.ports.kafka + 1,
        reach: 'local',
      }),
      ...far.map((f) => f.door),
    ],
  }
}

/** One vote per zone, and the first edge's where that would be an even number; the edge has the highest id, so it leads. */
export function globalMembers({ zones, places, topology }: ExpandContext): readonly { myid: number; place: Place }[] {
  const at = (name: string | undefined) => places.filter((p) => p.name === name)
  const voters = zones.flatMap((zone) => at(zone.idcs[0]).map((place) => ({ myid: zone.number, place })))
  const edge = zones.length % 2 === 0 ? at(topology.edges[0]?.name).map((place) => ({ myid: 16, place })) : []
  return [...voters, ...edge]
}

const quorum = { name: 'quorum', port: 2888 }
const election = { name: 'election', port: 3888 }

function ensembleMember(context: ExpandContext, { myid, place }: { myid: number; place: Place }): ZookeeperSpec {
  const { addresses, runtime, places } = context
  const name = 'zookeeper-global'
  const seen = (other: Place, door: { name: string; port: number }) => {
    if (runtime === 'process')
      return other.name === place.name
        ? addresses.real(place.name, name, door.port)
        : addresses.foreign(place.name, other.name, name, door)
    return other.name === place.name
      ? addresses.container(place.name, name, door.port)
      : addresses.containerLink(place.name, linkIndex(places, place, other), door.port)
  }
  return {
    ...base(context, place, name),
    kind: 'zookeeper',
    ensemble: {
      myid,
      members: globalMembers(context).map((member) => ({
        myid: member.myid,
        quorum: seen(member.place, quorum),
        election: seen(member.place, election),
      })),
    },
    ports: [
      zookeeperDoor(context, place, name, 'everywhere'),
      door(context, place, name, { ...quorum, protocol: 'quorum', reach: 'everywhere' }),
      door(context, place, name, { ...election, protocol: 'quorum', reach: 'everywhere' }),
    ],
  }
}

/** Where a server of the Global Zone finds the others: through the link, on `docker` by what containers dial. */
function globalSources({ addresses, runtime, places, zones, topology }: ExpandContext, place: Place) {
  const name = 'mysql-global'
  return zones.flatMap((zone) => {
    const other = places.find((p) => p.name === zone.idcs[0])
    if (other === undefined || other.name === place.name) return []
    const port = topology.ports.mysql
    const address =
      runtime === 'process'
        ? addresses.foreign(place.name, other.name, name, { name: 'client', port })
        : addresses.containerLink(place.name, linkIndex(places, place, other), port)
    return [{ zone: zone.name, address }]
  })
}

/** Position of the link between two places among all pairs of places. */
export function linkIndex(places: readonly Place[], a: Place, b: Place): number {
  const pairs = places.flatMap((p, i) => places.slice(i + 1).map((q) => [p.name, q.name]))
  return pairs.findIndex((pair) => pair.includes(a.name) && pair.includes(b.name))
}

function base(_: ExpandContext, place: Place, name: string) {
  return { id: `${place.name}/${name}`, name, place: place.name, zone: place.zone, on: 'runtime' as const, needs: [] }
}

const zookeeperDoor = (context: ExpandContext, place: Place, name: string, reach: Port['reach']) =>
  door(context, place, name, { name: 'client', protocol: 'zookeeper', port: context.topology.ports.zookeeper, reach })

interface Door {
  readonly name: string
  readonly protocol: Protocol
  readonly port: number
  readonly reach: Port['reach']
  readonly only?: string
}

function door({ addresses, runtime }: ExpandContext, place: Place, spec: string, wanted: Door): Port {
  const host = addresses.real(place.name, spec, wanted.port)
  return {
    name: wanted.name,
    protocol: wanted.protocol,
    host,
    inside: runtime === 'docker' ? addresses.container(place.name, spec, wanted.port) : host,
    reach: wanted.reach,
    only: wanted.only ?? null,
  }
}

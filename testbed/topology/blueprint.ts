import type { Address, Manifest, PlantedBug } from '@ezone/sdk/model'

/**
 * The blueprint: everything a testbed consists of, as plain data. Made from a topology by `expand`; whatever comes
 * after (plan, runtimes, links, status) reads the blueprint and nothing else. No function, no handle, no state in it.
 */
export interface Blueprint {
  readonly name: string
  /** Random, made once per testbed; every process and container carries it, so that all of it can be found again. */
  readonly id: string
  readonly runtime: 'process' | 'docker'
  readonly zones: readonly Zone[]
  readonly places: readonly Place[]
  readonly specs: readonly Spec[]
  readonly links: readonly Link[]
  /** What a zone without the majority does when its lease ends. */
  readonly policy: 'available' | 'strict'
  /** A zone that was seen lost for so long is left without a person; absent: a person decides. */
  readonly failoverAfterMs?: number
  /** Zone whose global MySQL takes the writes when the testbed is made. */
  readonly globalMaster: string
  /** shard number -> zone name */
  readonly shards: Readonly<Record<string, string>>
  /** Mistakes its services are told to have. */
  readonly sabotage: readonly PlantedBug[]
}

export interface Zone {
  readonly name: string
  /** 1..15, part of every id and of AUTO_INCREMENT's offset. */
  readonly number: number
  /** Places of this zone; the first one holds its stores. */
  readonly idcs: readonly string[]
}

/** An IDC or an edge: somewhere with an address block of its own. */
export interface Place {
  readonly name: string
  readonly kind: 'idc' | 'edge'
  readonly zone: string | null
  /** Second octet of its blocks: 127.<octet>.0.0/16 on the host, 198.18.<octet>.0/24 between containers. */
  readonly octet: number
}

export type Protocol = 'mysql' | 'redis' | 'kafka' | 'zookeeper' | 'http' | 'quorum' | 'control'
export type StoreKind = 'mysql' | 'redis' | 'kafka' | 'zookeeper'
export type SpecKind = StoreKind | 'toxiproxy' | 'service'

/** A door of a spec: where it listens, seen from the host and from inside the runtime's own network. */
export interface Port {
  readonly name: string
  readonly protocol: Protocol
  /** For programs on the host; on `process` for everybody. */
  readonly host: Address
  /** For containers; equal to `host` on `process` and for specs that run on the host. */
  readonly inside: Address
  /** Who may dial it through a link: nobody, IDCs of other zones, or the edges too. */
  readonly reach: 'local' | 'zones' | 'everywhere'
  /** Set on a door made for one foreign place alone (Kafka's listener for it). */
  readonly only: string | null
}

interface SpecBase {
  /** `bj/mysql`: place and name; `bj-sh/toxiproxy` for a link. */
  readonly id: string
  readonly name: string
  /** The place it stands in; for a Toxiproxy the name of its link. */
  readonly place: string
  readonly zone: string | null
  /** Where it runs: as the runtime runs things, or always as a process of the host. */
  readonly on: 'runtime' | 'host'
  readonly ports: readonly Port[]
  /** Specs that must be ready first. */
  readonly needs: readonly string[]
}

export interface MysqlSpec extends SpecBase {
  readonly kind: 'mysql'
  /** `zone`: this zone's own data; `global`: a member of the Global Zone pair. */
  readonly role: 'zone' | 'global'
  readonly serverId: number
  /** The zone's number; increment is 16 everywhere. */
  readonly autoIncrementOffset: number
  readonly durability: 'full' | 'fast'
  /** The other members of the Global Zone as this one dials them, to follow the one that is master; empty for a zone's own. */
  readonly sources: readonly { readonly zone: string; readonly address: Address }[]
}

export interface RedisSpec extends SpecBase {
  readonly kind: 'redis'
}

export interface KafkaSpec extends SpecBase {
  readonly kind: 'kafka'
  /** Besides its own listener one per foreign place, whose advertised address is the link's listener over there. */
  readonly foreign: readonly { readonly listener: string; readonly port: string; readonly advertised: Address }[]
}

export interface ZookeeperSpec extends SpecBase {
  readonly kind: 'zookeeper'
  /** null for a zone's own standalone server. */
  readonly ensemble: {
    readonly myid: number
    /** Addresses as this member sees them: the others through the links. */
    readonly members: readonly { readonly myid: number; readonly quorum: Address; readonly election: Address }[]
  } | null
}

export interface ToxiproxySpec extends SpecBase {
  readonly kind: 'toxiproxy'
  readonly link: string
  readonly side: Side
}

export interface ServiceSpec extends SpecBase {
  readonly kind: 'service'
  /** What it is an instance of; its `name` has the number too where there are several: `router-2`. */
  readonly service: string
  /** 1 for the first in its place. */
  readonly instance: number
  /** Absolute path of the program, without extension (`.ts` from source, `.js` when built). */
  readonly entry: string
  readonly writer: number
  /** Set where a fault has its clock wrong: what it is ahead of the machine's. */
  readonly clockOffsetMs?: number
  readonly stores: Manifest['stores']
  readonly account: Manifest['account']
  readonly far: Manifest['far']
  readonly peers: readonly string[]
}

export type Spec = MysqlSpec | RedisSpec | KafkaSpec | ZookeeperSpec | ToxiproxySpec | ServiceSpec
export type StoreSpec = MysqlSpec | RedisSpec | KafkaSpec | ZookeeperSpec

/** `host`: dialled by processes of the host; `inside`: dialled by containers. */
export type Side = 'host' | 'inside'

/** The wire between two places. All its proxies are driven as one. */
export interface Link {
  readonly name: string
  readonly between: readonly [string, string]
  readonly rttMs: number
  /** Spec ids of the Toxiproxies behind it: one on the host, on `docker` one in a container too. */
  readonly controllers: readonly string[]
  readonly proxies: readonly LinkProxy[]
}

/**
 * One listener in place `from` for one door in place `to`. Remember one rule only: bytes from A to B are the upstream of
 * proxies whose client is in A and the downstream of proxies whose client is in B.
 */
export interface LinkProxy {
  /** `bj>sh.mysql.3306` */
  readonly name: string
  readonly from: string
  readonly to: string
  /** The spec it leads to, and which of its ports. */
  readonly target: string
  readonly port: string
  readonly protocol: Protocol
  readonly side: Side
  readonly listen: Address
  readonly upstream: Address
}

export const specOf = (blueprint: Blueprint, id: string): Spec | undefined => blueprint.specs.find((s) => s.id === id)

export const portOf = (spec: Spec, name: string): Port | undefined => spec.ports.find((p) => p.name === name)

/**
 * Where a program of place `from` finds a door: its own place directly, any other place through the link.
 * Split horizon: nothing in A is ever told B's real address. Undefined where no link leads there.
 */
export function seenFrom(
  blueprint: Blueprint,
  from: string,
  target: Spec,
  side: Side,
  port?: string,
): Address | undefined {
  if (target.place === from) return portOf(target, port ?? doorFor(target, from))?.[side]
  return blueprint.links
    .flatMap((link) => link.proxies)
    .find(
      (p) => p.from === from && p.target === target.id && p.port === (port ?? doorFor(target, from)) && p.side === side,
    )?.listen
}

/** The door clients of place `from` use: `client`, or the listener a Kafka keeps for that place. */
export function doorFor(target: Spec, from: string): string {
  return target.ports.find((port) => port.only === from)?.name ?? target.ports[0]?.name ?? 'client'
}

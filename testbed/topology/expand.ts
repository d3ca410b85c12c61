import type { Manifest, PlantedBug } from '@ezone/sdk/model'
import { type AddressMode, AddressPlan } from './addresses.ts'
import type {
  Blueprint,
  Link,
  LinkProxy,
  Place,
  Port,
  ServiceSpec,
  Side,
  Spec,
  ToxiproxySpec,
  Zone,
} from './blueprint.ts'
import type { Topology } from './schema.ts'
import { type ExpandContext, storesOf } from './stores.ts'

export interface ExpandInput {
  readonly topology: Topology
  readonly name: string
  readonly id: string
  readonly runtime: 'process' | 'docker'
  readonly mode: AddressMode
  /** place name -> second octet, chosen once and kept with the data. */
  readonly octets: ReadonlyMap<string, number>
  readonly portBase: number
  readonly manifests: readonly (Manifest & { readonly folder: string })[]
  /** shard number -> zone, before the topology's own wishes. */
  readonly defaultShards: Readonly<Record<string, string>>
  readonly sabotage?: readonly PlantedBug[]
}

/** Turns what the user says (a topology) into everything that shall exist (a blueprint). Pure. */
export function expand(input: ExpandInput): Blueprint {
  const { topology, manifests } = input
  const zones = zonesOf(topology)
  const places = placesOf(topology, zones, input.octets)
  const addresses = new AddressPlan({
    mode: input.mode,
    octets: input.octets,
    portBase: input.portBase,
    services: manifests.flatMap((m) => instancesOf(m).map((instance) => nameOf(m, instance))).sort(),
  })
  const context: ExpandContext = { topology, runtime: input.runtime, zones, places, addresses }

  const stores = storesOf(context)
  const services = places.flatMap((place) =>
    manifests
      .filter((m) => runsAt(m, place, zones))
      .flatMap((m) => instancesOf(m).map((instance) => serviceOf(context, place, { ...m, instance }, stores))),
  )
  const doors: readonly Spec[] = [...stores, ...services]
  const links = linksOf(context, doors)
  const controllers = links.flatMap((link, index) => controllersOf(context, link, index))

  return {
    name: input.name,
    id: input.id,
    runtime: input.runtime,
    zones,
    places,
    specs: [...controllers, ...stores, ...services].map((spec) => waitingForLinks(spec, controllers)),
    links,
    policy: topology.policy,
    ...(topology.failover.automatic && { failoverAfterMs: topology.failover.afterMs }),
    globalMaster: topology.globalZone.master ?? zones[0]?.name ?? '',
    shards: { ...input.defaultShards, ...topology.shards },
    sabotage: input.sabotage ?? [],
  }
}

export function zonesOf(topology: Topology): readonly Zone[] {
  return topology.zones.map((zone, index) => ({
    name: zone.name,
    number: zone.number ?? index + 1,
    idcs: zone.idcs ?? [zone.name],
  }))
}

function placesOf(topology: Topology, zones: readonly Zone[], octets: ReadonlyMap<string, number>): readonly Place[] {
  const octetOf = (name: string) => octets.get(name) ?? 0
  return [
    ...zones.flatMap((zone) =>
      zone.idcs.map((name) => ({ name, kind: 'idc' as const, zone: zone.name, octet: octetOf(name) })),
    ),
    ...topology.edges.map(({ name }) => ({ name, kind: 'edge' as const, zone: null, octet: octetOf(name) })),
  ]
}

function runsAt({ runsIn }: Manifest, place: Place, zones: readonly Zone[]): boolean {
  const first = zones.some((zone) => zone.idcs[0] === place.name)
  if (runsIn === 'home') return zones[0]?.idcs[0] === place.name
  if (runsIn === 'zone') return first
  return runsIn === 'everywhere' ? first || place.kind === 'edge' : runsIn === place.kind
}

const instancesOf = ({ instances }: Manifest) => Array.from({ length: instances }, (_, index) => index + 1)
const nameOf = ({ name }: Manifest, instance: number) => (instance === 1 ? name : `${name}-${instance}`)

function serviceOf(
  { addresses, zones }: ExpandContext,
  place: Place,
  manifest: Manifest & { readonly folder: string; readonly instance: number },
  stores: readonly Spec[],
): ServiceSpec {
  const name = nameOf(manifest, manifest.instance)
  const address = addresses.real(place.name, name, manifest.port)
  const zone = zones.find((z) => z.name === place.zone)
  const port: Port = {
    name: 'http',
    protocol: 'http',
    host: address,
    inside: address,
    reach: manifest.reach,
    only: null,
  }
  return {
    id: `${place.name}/${name}`,
    name,
    service: manifest.name,
    instance: manifest.instance,
    place: place.name,
    zone: place.zone,
    on: 'host',
    kind: 'service',
    ports: [port],
    needs: stores
      .filter((s) => s.zone === place.zone && zone !== undefined && manifest.stores.some((kind) => kind === s.name))
      .map((s) => s.id),
    entry: `${manifest.folder}/${manifest.entry}`,
    writer: zone === undefined ? 0 : zone.idcs.indexOf(place.name) + (manifest.instance - 1) * zone.idcs.length,
    stores: manifest.stores,
    account: manifest.account,
    far: manifest.far,
    peers: manifest.peers,
  }
}

/** Every two places are joined; `links` in the topology only sets round trips. */
function linksOf(context: ExpandContext, doors: readonly Spec[]): readonly Link[] {
  const { places } = context
  const pairs = places.flatMap((a, i) => places.slice(i + 1).map((b) => [a, b] as const))
  return pairs.map(([a, b], index) => {
    // An edge comes first in the name, as people say it: edge-bj.
    const [first, second] = a.kind === 'idc' && b.kind === 'edge' ? [b, a] : [a, b]
    const name = `${first.name}-${second.name}`
    const sides: readonly Side[] = context.runtime === 'docker' ? ['host', 'inside'] : ['host']
    const proxies = sides.flatMap((side) => [
      ...proxiesOf(context, { from: a, to: b, side, index }, doors),
      ...proxiesOf(context, { from: b, to: a, side, index }, doors),
    ])
    const used = sides.filter((side) => proxies.some((p) => p.side === side))
    return {
      name,
      between: [first.name, second.name],
      rttMs: rttOf(context.topology, a, b),
      controllers: used.map((side) => controllerId(name, side)),
      proxies,
    }
  })
}

function rttOf(topology: Topology, a: Place, b: Place): number {
  const own = topology.links.find((l) => l.between.includes(a.name) && l.between.includes(b.name))
  if (own) return own.rttMs
  if (a.kind === 'edge' || b.kind === 'edge') return topology.rttMs.edges
  return a.zone === b.zone ? topology.rttMs.idcs : topology.rttMs.zones
}

function proxiesOf(
  { addresses, runtime }: ExpandContext,
  wire: { from: Place; to: Place; side: Side; index: number },
  doors: readonly Spec[],
): readonly LinkProxy[] {
  const { from, to, side, index } = wire
  const mayDial = (port: Port) =>
    (port.reach === 'everywhere' || (port.reach === 'zones' && from.kind === 'idc')) &&
    (port.only === null || port.only === from.name)
  // Only containers dial on the inside: ensemble members and global MySQL replicas.
  const onThisSide = (spec: Spec) => side === 'host' || (runtime === 'docker' && spec.name.endsWith('-global'))
  // Between members of the ensemble on `docker` nothing but containers talk quorum.
  const wanted = (spec: Spec, port: Port) =>
    side === 'inside' || runtime === 'process' || port.protocol !== 'quorum' || spec.on === 'host'

  return doors
    .filter((spec) => spec.place === to.name && onThisSide(spec))
    .flatMap((spec) =>
      spec.ports
        .filter((port) => mayDial(port) && wanted(spec, port))
        .map((port) => ({
          name: `${from.name}>${to.name}.${spec.name}.${port.name}${side === 'inside' ? '.inside' : ''}`,
          from: from.name,
          to: to.name,
          target: spec.id,
          port: port.name,
          protocol: port.protocol,
          side,
          listen:
            side === 'inside'
              ? addresses.containerLink(from.name, index, port.inside.port)
              : addresses.foreign(from.name, to.name, spec.name, { name: port.name, port: port.host.port }),
          upstream: port[side],
        })),
    )
}

const controllerId = (link: string, side: Side) => `${link}/${side === 'host' ? 'toxiproxy' : 'toxiproxy-inside'}`

function controllersOf({ addresses }: ExpandContext, link: Link, index: number): readonly ToxiproxySpec[] {
  const sides: readonly Side[] = ['host', 'inside']
  return sides
    .filter((side) => link.controllers.includes(controllerId(link.name, side)))
    .map((side) => {
      const address = addresses.control(link.between[0], index, side)
      return {
        id: controllerId(link.name, side),
        name: side === 'host' ? 'toxiproxy' : 'toxiproxy-inside',
        place: link.name,
        zone: null,
        on: side === 'host' ? 'host' : 'runtime',
        kind: 'toxiproxy',
        link: link.name,
        side,
        ports: [{ name: 'control', protocol: 'control', host: address, inside: address, reach: 'local', only: null }],
        needs: [],
      }
    })
}

/** Whoever dials through a link at start waits for the links: ensemble members, and services. */
function waitingForLinks(spec: Spec, controllers: readonly Spec[]): Spec {
  const dials = spec.kind === 'service' || spec.name === 'zookeeper-global'
  return dials ? { ...spec, needs: [...spec.needs, ...controllers.map((c) => c.id)] } : spec
}

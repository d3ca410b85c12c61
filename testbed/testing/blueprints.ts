import type { Blueprint } from '../topology/blueprint.ts'
import { type ExpandInput, expand, zonesOf } from '../topology/expand.ts'
import { parseTopology } from '../topology/parse.ts'
import type { Topology } from '../topology/schema.ts'

export type Service = ExpandInput['manifests'][number]

/** A manifest; what it does not say is as most services have it. */
export const service = (name: string, more: Partial<Service>): Service => ({
  name,
  summary: name,
  entry: 'main',
  runsIn: 'idc',
  port: 7000,
  reach: 'local',
  stores: [],
  instances: 1,
  account: 'app',
  far: [],
  peers: [],
  folder: `/src/${name}`,
  ...more,
})
export const services = [
  service('gzs', { runsIn: 'edge', port: 7010, reach: 'everywhere' }),
  service('router', { runsIn: 'edge', port: 7020, peers: ['orders', 'gzs'] }),
  service('orders', { port: 7030, reach: 'everywhere', stores: ['mysql'], peers: ['gzs'] }),
]

export const topologyOf = (text: string): Topology => parseTopology(text, { file: 'ezone.yaml', shards: new Set() })

export function blueprintOf(topology: Topology, more: Partial<ExpandInput> = {}): Blueprint {
  const places = [...zonesOf(topology).flatMap((zone) => zone.idcs), ...topology.edges.map((edge) => edge.name)]
  return expand({
    topology,
    name: 'test',
    id: 'id',
    runtime: 'process',
    mode: 'blocks',
    octets: new Map(places.map((place, index) => [place, 10 * (index + 1)])),
    portBase: 20_000,
    manifests: services,
    defaultShards: {},
    ...more,
  })
}

export const build = (text: string, more: Partial<ExpandInput> = {}) => blueprintOf(topologyOf(text), more)

/** The places that have a vote in the global ensemble. */
export const voters = (blueprint: Blueprint) =>
  blueprint.specs.filter((spec) => spec.name === 'zookeeper-global').map((spec) => spec.place)

import type { Blueprint } from '../topology/blueprint.ts'
import { type ExpandInput, expand, zonesOf } from '../topology/expand.ts'
import { topologySchema } from '../topology/schema.ts'

/** The blueprint of the default topology, with one service per place, for tests that need a whole one and start nothing. */
export function defaultBlueprint(more: Partial<ExpandInput> & { readonly yaml?: object } = {}): Blueprint {
  const topology = topologySchema.parse(more.yaml ?? {})
  const places = [...zonesOf(topology).flatMap((zone) => zone.idcs), ...topology.edges.map((edge) => edge.name)]
  return expand({
    topology,
    name: 'test',
    id: 'test-id',
    runtime: 'process',
    mode: 'blocks',
    octets: new Map(places.map((place, index) => [place, 10 * (index + 1)])),
    portBase: 20_000,
    manifests: [
      {
        name: 'gzs',
        summary: '',
        entry: 'main',
        runsIn: 'edge',
        port: 8090,
        reach: 'everywhere',
        stores: [],
        instances: 1,
        account: 'app',
        far: [],
        peers: [],
        folder: '/src/gzs',
      },
      {
        name: 'orders',
        summary: '',
        entry: 'main',
        runsIn: 'idc',
        port: 8081,
        reach: 'everywhere',
        stores: ['mysql'],
        instances: 1,
        account: 'app',
        far: [],
        peers: [],
        folder: '/src/orders',
      },
    ],
    defaultShards: {},
    ...more,
  })
}

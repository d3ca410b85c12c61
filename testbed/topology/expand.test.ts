import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Blueprint, type Place, type Spec, seenFrom, specOf } from './blueprint.ts'
import { type ExpandInput, expand, zonesOf } from './expand.ts'
import { parseTopology } from './parse.ts'
import type { Topology } from './schema.ts'

type Service = ExpandInput['manifests'][number]

const service = (name: string, more: Partial<Service>): Service => ({
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
const services = [
  service('gzs', { runsIn: 'edge', port: 7010, reach: 'everywhere' }),
  service('router', { runsIn: 'edge', port: 7020, peers: ['orders', 'gzs'] }),
  service('orders', { port: 7030, reach: 'everywhere', stores: ['mysql'], peers: ['gzs'] }),
]

const topologyOf = (text: string): Topology => parseTopology(text, { file: 'ezone.yaml', shards: new Set() })

function blueprintOf(topology: Topology, more: Partial<ExpandInput> = {}): Blueprint {
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

const build = (text: string, more: Partial<ExpandInput> = {}) => blueprintOf(topologyOf(text), more)
const linkNames = (blueprint: Blueprint) => blueprint.links.map((link) => `${link.name} ${link.rttMs}`)
const voters = (blueprint: Blueprint) =>
  blueprint.specs.filter((spec) => spec.name === 'zookeeper-global').map((spec) => spec.place)

describe('the default topology', () => {
  const blueprint = build('')

  it('has two zones and an edge, every two joined, with the edge named first', () => {
    expect(blueprint.places.map(({ name, kind, zone }) => [name, kind, zone])).toEqual([
      ['bj', 'idc', 'bj'],
      ['sh', 'idc', 'sh'],
      ['edge', 'edge', null],
    ])
    expect(linkNames(blueprint)).toEqual(['bj-sh 30', 'edge-bj 5', 'edge-sh 5'])
  })

  it('consists of 16 servers and their services', () => {
    expect(blueprint.specs.filter((spec) => spec.kind !== 'service').map((spec) => spec.id)).toEqual([
      'bj-sh/toxiproxy',
      'edge-bj/toxiproxy',
      'edge-sh/toxiproxy',
      ...['mysql', 'mysql-global', 'redis', 'zookeeper', 'kafka'].map((name) => `bj/${name}`),
      ...['mysql', 'mysql-global', 'redis', 'zookeeper', 'kafka'].map((name) => `sh/${name}`),
      'bj/zookeeper-global',
      'sh/zookeeper-global',
      'edge/zookeeper-global',
    ])
    expect(blueprint.specs.filter((spec) => spec.kind === 'service').map((spec) => spec.id)).toEqual([
      'bj/orders',
      'sh/orders',
      'edge/gzs',
      'edge/router',
    ])
  })

  it('puts standard ports on addresses of the place, and the same ports on the link', () => {
    const mysql = specOf(blueprint, 'sh/mysql') as Spec
    expect(seenFrom(blueprint, 'sh', mysql, 'host')).toEqual({ host: '127.20.0.1', port: 3306 })
    expect(seenFrom(blueprint, 'bj', mysql, 'host')).toEqual({ host: '127.10.20.1', port: 3306 })
  })

  it('keeps the stores of a zone from the edge: no business data there', () => {
    const mysql = specOf(blueprint, 'sh/mysql') as Spec
    expect(seenFrom(blueprint, 'edge', mysql, 'host')).toBeUndefined()
    const orders = specOf(blueprint, 'sh/orders') as Spec
    const link = blueprint.links.find((l) => l.name === 'edge-sh')
    const proxy = link?.proxies.find((p) => p.from === 'edge' && p.target === 'sh/orders')
    expect(proxy?.protocol).toBe('http')
    expect(seenFrom(blueprint, 'edge', orders, 'host')).toEqual(proxy?.listen)
  })

  it('gives each MySQL its number as offset, so that ids never collide', () => {
    const offsets = blueprint.specs.flatMap((spec) =>
      spec.kind === 'mysql' ? [[spec.id, spec.autoIncrementOffset]] : [],
    )
    expect(offsets).toEqual([
      ['bj/mysql', 1],
      ['bj/mysql-global', 1],
      ['sh/mysql', 2],
      ['sh/mysql-global', 2],
    ])
  })
})

describe('the votes of the global ensemble', () => {
  it('are one per zone, and the edge gives one only where the number of zones is even', () => {
    expect(voters(build('zones: [{ name: a }]'))).toEqual(['a'])
    expect(voters(build('zones: [{ name: a }, { name: b }]'))).toEqual(['a', 'b', 'edge'])
    expect(voters(build('zones: [{ name: a }, { name: b }, { name: c }]'))).toEqual(['a', 'b', 'c'])
    expect(voters(build('zones: [{ name: a }, { name: b }, { name: c }, { name: d }]'))).toEqual([
      'a',
      'b',
      'c',
      'd',
      'edge',
    ])
  })

  it('have the highest id at the edge, so that it leads', () => {
    const member = specOf(build(''), 'edge/zookeeper-global')
    expect(member?.kind === 'zookeeper' && member.ensemble?.myid).toBe(16)
    expect(member?.kind === 'zookeeper' && member.ensemble?.members.map((m) => m.myid)).toEqual([1, 2, 16])
  })
})

describe('three zones', () => {
  it('are joined two by two, each pair by a link of its own', () => {
    const blueprint = build(
      'zones: [{ name: bj }, { name: sh }, { name: gz }]\nlinks: [{ between: [gz, sh], rttMs: 24 }]',
    )
    expect(linkNames(blueprint)).toEqual(['bj-sh 30', 'bj-gz 30', 'edge-bj 5', 'sh-gz 24', 'edge-sh 5', 'edge-gz 5'])
  })

  it('have a Kafka listener for each of the two others', () => {
    const kafka = specOf(build('zones: [{ name: bj }, { name: sh }, { name: gz }]'), 'bj/kafka')
    expect(kafka?.kind === 'kafka' && kafka.foreign).toEqual([
      { listener: 'FAR_SH', port: 'far-sh', advertised: { host: '127.20.10.4', port: 9192 } },
      { listener: 'FAR_GZ', port: 'far-gz', advertised: { host: '127.30.10.4', port: 9193 } },
    ])
  })
})

describe('a zone of two data centres', () => {
  const blueprint = build('zones: [{ name: bj, idcs: [bj1, bj2] }, { name: sh }]')

  it('joins them by a link of 1 ms', () => {
    expect(linkNames(blueprint)).toEqual([
      'bj1-bj2 1',
      'bj1-sh 30',
      'edge-bj1 5',
      'bj2-sh 30',
      'edge-bj2 5',
      'edge-sh 5',
    ])
  })

  it('has its stores in the first, services in both, each with a writer number of its own', () => {
    expect(blueprint.specs.filter((spec) => spec.kind === 'mysql').map((spec) => spec.id)).toEqual([
      'bj1/mysql',
      'bj1/mysql-global',
      'sh/mysql',
      'sh/mysql-global',
    ])
    const writers = blueprint.specs.flatMap((spec) =>
      spec.kind === 'service' && spec.name === 'orders' ? [[spec.id, spec.zone, spec.writer]] : [],
    )
    expect(writers).toEqual([
      ['bj1/orders', 'bj', 0],
      ['bj2/orders', 'bj', 1],
      ['sh/orders', 'sh', 0],
    ])
  })

  it('lets the second dial the stores of the first through the link', () => {
    const mysql = specOf(blueprint, 'bj1/mysql') as Spec
    expect(seenFrom(blueprint, 'bj2', mysql, 'host')).toEqual({ host: '127.20.10.1', port: 3306 })
  })
})

describe('without 127.0.0.0/8', () => {
  it('every door has a port of its own on 127.0.0.1, counted from the base', () => {
    const hosts = build('', { mode: 'ports' }).specs.flatMap((spec) => spec.ports.map((port) => port.host))
    expect(new Set(hosts.map(({ host }) => host))).toEqual(new Set(['127.0.0.1']))
    expect(Math.min(...hosts.map(({ port }) => port))).toBeGreaterThanOrEqual(20_000)
  })
})

describe('services', () => {
  const at = (runsIn: Service['runsIn'], text = '') =>
    build(text, { manifests: [service('one', { runsIn })] })
      .specs.filter((spec) => spec.kind === 'service')
      .map((spec) => spec.place)
  const virtual = 'zones: [{ name: bj, idcs: [bj1, bj2] }, { name: sh }]\nedges: [{ name: east }, { name: west }]'

  it.each([
    ['edge', ['east', 'west']],
    ['idc', ['bj1', 'bj2', 'sh']],
    ['zone', ['bj1', 'sh']],
    ['home', ['bj1']],
    ['everywhere', ['bj1', 'sh', 'east', 'west']],
  ] as const)('that run in "%s" stand in %j', (runsIn, places) => {
    expect(at(runsIn, virtual)).toEqual(places)
  })

  it('of two instances have two names, two numbers and two addresses', () => {
    const blueprint = build('', { manifests: [service('router', { runsIn: 'edge', instances: 2 })] })
    const routers = blueprint.specs.flatMap((spec) => (spec.kind === 'service' ? [spec] : []))
    expect(routers.map(({ id, service, instance }) => [id, service, instance])).toEqual([
      ['edge/router', 'router', 1],
      ['edge/router-2', 'router', 2],
    ])
    const hosts = routers.map((spec) => spec.ports[0]?.host)
    expect(hosts.map((host) => host?.port)).toEqual([7000, 7000])
    expect(new Set(hosts.map((host) => host?.host)).size).toBe(2)
  })

  it('have writer numbers of their own in a zone, whatever IDC and instance', () => {
    const blueprint = build('zones: [{ name: bj, idcs: [bj1, bj2] }]', {
      manifests: [service('one', { instances: 3 })],
    })
    const writers = blueprint.specs.flatMap((spec) => (spec.kind === 'service' ? [spec.writer] : []))
    expect(writers.toSorted()).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('without blocks, two instances have two ports', () => {
    const manifests = [service('router', { runsIn: 'edge', instances: 2 })]
    const ports = build('', { manifests, mode: 'ports' }).specs.flatMap((spec) =>
      spec.kind === 'service' ? spec.ports.map(({ host }) => host.port) : [],
    )
    expect(new Set(ports).size).toBe(2)
  })
})

const names = ['bj', 'sh', 'gz', 'cd', 'xa', 'wh', 'hz', 'nj', 'cq', 'tj', 'sy']
const inputArbitrary = fc
  .record({
    idcs: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 4 }),
    edges: fc.integer({ min: 1, max: 2 }),
    runtime: fc.constantFrom('process' as const, 'docker' as const),
    mode: fc.constantFrom('blocks' as const, 'ports' as const),
    instances: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 3 }),
    reaches: fc.array(fc.constantFrom('local' as const, 'zones' as const, 'everywhere' as const), {
      minLength: 3,
      maxLength: 3,
    }),
  })
  .map(({ idcs, edges, runtime, mode, instances, reaches }) => {
    const pool = [...names]
    const zones = idcs.map((count) => ({ name: `z${pool[0]}`, idcs: pool.splice(0, count) }))
    const text = JSON.stringify({ zones, edges: Array.from({ length: edges }, (_, i) => ({ name: `edge${i}` })) })
    const manifests = services.map((one, i) => ({
      ...one,
      reach: reaches[i] ?? 'local',
      instances: instances[i] ?? 1,
    }))
    return blueprintOf(topologyOf(text), { runtime, mode, manifests })
  })

const law = (check: (blueprint: Blueprint) => void) => () =>
  fc.assert(fc.property(inputArbitrary, check), { numRuns: 60 })

/** Every `{host, port}` a program is told, wherever it stands in its spec. */
function addressesIn(value: unknown): readonly { host: string; port: number }[] {
  if (typeof value !== 'object' || value === null) return []
  if ('host' in value && 'port' in value && typeof value.host === 'string')
    return [value as { host: string; port: number }]
  return Object.values(value).flatMap(addressesIn)
}

const text = ({ host, port }: { host: string; port: number }) => `${host}:${port}`

/** The real doors of a place: what no other place may ever hear of. */
const realDoors = (blueprint: Blueprint, place: Place) =>
  new Set(
    blueprint.specs
      .filter((spec) => spec.place === place.name)
      .flatMap((spec) => spec.ports.flatMap((port) => [text(port.host), text(port.inside)])),
  )

describe('in every topology', () => {
  it(
    'no program is told the real address of another place: it knows the link there and nothing else',
    law((blueprint) => {
      for (const place of blueprint.places) {
        const doors = realDoors(blueprint, place)
        for (const spec of blueprint.specs.filter((s) => s.place !== place.name))
          for (const address of addressesIn(spec)) expect(doors).not.toContain(text(address))
        for (const from of blueprint.places.filter((p) => p.name !== place.name))
          for (const spec of blueprint.specs.filter((s) => s.place === place.name))
            for (const port of spec.ports) {
              const seen = seenFrom(blueprint, from.name, spec, 'host', port.name)
              if (seen !== undefined) expect(doors).not.toContain(text(seen))
            }
      }
    }),
  )

  it(
    'no two listeners of one side have the same address',
    law((blueprint) => {
      const doors = blueprint.specs.flatMap((spec) => spec.ports.map((port) => text(port.host)))
      const onHost = blueprint.links.flatMap((link) => link.proxies.filter((p) => p.side === 'host'))
      const host = [...doors, ...onHost.map((proxy) => text(proxy.listen))]
      expect(new Set(host).size).toBe(host.length)

      const inContainers = blueprint.specs.filter((spec) => spec.on === 'runtime' && spec.kind !== 'toxiproxy')
      const inside = [
        ...inContainers.flatMap((spec) => spec.ports.map((port) => text(port.inside))),
        ...blueprint.links
          .flatMap((link) => link.proxies.filter((p) => p.side === 'inside'))
          .map((p) => text(p.listen)),
      ]
      expect(new Set(inside).size).toBe(inside.length)
    }),
  )

  it(
    'the ids of specs, proxies and MySQL servers are unique',
    law((blueprint) => {
      const unique = (ids: readonly unknown[]) => expect(new Set(ids).size).toBe(ids.length)
      unique(blueprint.specs.map((spec) => spec.id))
      unique(blueprint.links.flatMap((link) => link.proxies.map((proxy) => proxy.name)))
      unique(blueprint.specs.flatMap((spec) => (spec.kind === 'mysql' ? [spec.serverId] : [])))
    }),
  )

  it(
    'each proxy leads from its listener to a door that is there, over a link that is driven',
    law((blueprint) => {
      for (const link of blueprint.links)
        for (const proxy of link.proxies) {
          const port = specOf(blueprint, proxy.target)?.ports.find((p) => p.name === proxy.port)
          expect(port?.[proxy.side]).toEqual(proxy.upstream)
          expect([proxy.from, proxy.to].toSorted()).toEqual([...link.between].toSorted())
          const driver = blueprint.specs.find(
            (spec) => spec.kind === 'toxiproxy' && spec.link === link.name && spec.side === proxy.side,
          )
          expect(link.controllers).toContain(driver?.id)
        }
    }),
  )

  it(
    'what Kafka advertises to a place, and where members of the ensemble and of the Global Zone look for each other, are listeners of the links',
    law((blueprint) => {
      const listeners = new Map(
        blueprint.links.flatMap((link) => link.proxies.map((proxy) => [text(proxy.listen), proxy] as const)),
      )
      for (const spec of blueprint.specs) {
        if (spec.kind === 'kafka')
          for (const far of spec.foreign)
            expect(listeners.get(text(far.advertised))).toMatchObject({ target: spec.id, port: far.port })
        if (spec.kind === 'mysql')
          for (const { address } of spec.sources)
            expect(listeners.get(text(address))).toMatchObject({
              from: spec.place,
              target: expect.stringMatching('/mysql-global$'),
            })
        if (spec.kind !== 'zookeeper' || spec.ensemble === null) continue
        for (const member of spec.ensemble.members.filter((m) => m.myid !== spec.ensemble?.myid)) {
          expect(listeners.get(text(member.quorum))).toMatchObject({ from: spec.place, port: 'quorum' })
          expect(listeners.get(text(member.election))).toMatchObject({ from: spec.place, port: 'election' })
        }
      }
    }),
  )

  it(
    'the number of votes is odd, and what must be ready first is there and never waits in a circle',
    law((blueprint) => {
      expect(voters(blueprint).length % 2).toBe(1)
      const ready = new Set<string>()
      let waiting = blueprint.specs
      for (let before = -1; before !== waiting.length; ) {
        before = waiting.length
        for (const spec of waiting) if (spec.needs.every((id) => ready.has(id))) ready.add(spec.id)
        waiting = waiting.filter((spec) => !ready.has(spec.id))
      }
      expect(waiting.map((spec) => spec.id)).toEqual([])
    }),
  )

  it(
    'is plain data: the same after it was written down and read again',
    law((blueprint) => {
      expect(JSON.parse(JSON.stringify(blueprint))).toEqual(blueprint)
    }),
  )
})

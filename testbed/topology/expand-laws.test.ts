import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blueprintOf, services, topologyOf, voters } from '../testing/blueprints.ts'
import { type Blueprint, type Place, seenFrom, specOf } from './blueprint.ts'

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

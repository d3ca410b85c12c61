import { describe, expect, it } from 'vitest'
import { serviceConfig } from '../session/service-launch.ts'
import { defaultBlueprint } from '../testing/default-blueprint.ts'
import { addressOf, readMark, type Standing, slotsMax, specOf } from './spec.ts'

const blueprint = defaultBlueprint()
const project = {
  name: 'demo',
  summary: '',
  class: 'multi-active',
  run: ['node', 'main.ts'],
  stores: ['mysql', 'zookeeper'],
  health: '/readyz',
  tables: [],
  registers: true,
  folder: '/demo',
} as const
const standings = blueprint.zones.flatMap((zone) =>
  Array.from({ length: slotsMax }, (_, slot) => slot).flatMap((slot) =>
    ([1, 2] as const).map(
      (instance): Standing => ({
        project: { ...project, stores: [...project.stores], run: [], tables: [] },
        zone,
        slot,
        instance,
      }),
    ),
  ),
)
const doors = new Set(blueprint.specs.flatMap((spec) => spec.ports.map(({ host }) => host.host)))

describe('services in development', () => {
  it('each have an address of their own, in the block of their place, where nothing else listens', () => {
    const addresses = standings.map((standing) => addressOf(blueprint, standing))
    expect(new Set(addresses.map(({ host }) => host)).size).toBe(standings.length)
    for (const [index, { host }] of addresses.entries()) {
      const octet = blueprint.places.find(({ name }) => name === standings[index]?.zone.name)?.octet
      expect(host.startsWith(`127.${octet}.0.`)).toBe(true)
      expect(Number(host.split('.')[3])).toBeLessThan(255)
      expect(doors.has(host)).toBe(false)
    }
  })

  it('have a writer number that no other writer of their zone has', () => {
    for (const zone of blueprint.zones) {
      const own = standings.filter((s) => s.zone === zone).map((s) => specOf(s, addressOf(blueprint, s)).writer)
      const others = blueprint.specs.flatMap((s) => (s.kind === 'service' && s.zone === zone.name ? [s.writer] : []))
      expect(new Set(own).size).toBe(own.length)
      expect(own.every((writer) => writer >= 16 && writer <= 31)).toBe(true)
      expect(others.every((writer) => writer < 16)).toBe(true)
    }
  })

  it('are told their own zone alone: of another they know no real address', () => {
    const credentials = {
      secret: 'x'.repeat(32),
      mysql: { app: { user: 'ezone', password: 'y' } },
      redis: { password: 'z' },
    } as never
    for (const standing of standings.slice(0, 40)) {
      const address = addressOf(blueprint, standing)
      const site = { bind: () => address, dataDir: '/state' }
      const config = serviceConfig(specOf(standing, address), site, blueprint, credentials)
      expect(config).toMatchObject({ service: 'demo', zone: standing.zone.name, listen: address, far: {} })
      const own = blueprint.places.find(({ name }) => name === standing.zone.name)?.octet
      const told = JSON.stringify(config).match(/127[.]\d+[.]/g) ?? []
      expect(told.length).toBeGreaterThan(2)
      expect(new Set(told)).toEqual(new Set([`127.${own}.`]))
    }
  })

  it('are found by their marks, which no plan takes for a spec', () => {
    for (const standing of standings) {
      const { id, place } = specOf(standing, addressOf(blueprint, standing))
      expect(id).not.toContain('/')
      expect(readMark(id)).toEqual({ name: 'demo', place, instance: standing.instance })
    }
    for (const other of ['bj/mysql', 'agent', '', 'dev:demo', 'dev:@bj.1']) expect(readMark(other)).toBeUndefined()
  })
})

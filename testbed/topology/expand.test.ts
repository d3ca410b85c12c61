import { describe, expect, it } from 'vitest'
import { build, type Service, service, voters } from '../testing/blueprints.ts'
import { type Blueprint, type Spec, seenFrom, specOf } from './blueprint.ts'

const linkNames = (blueprint: Blueprint) => blueprint.links.map((link) => `${link.name} ${link.rttMs}`)

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

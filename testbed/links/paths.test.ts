import { describe, expect, it } from 'vitest'
import { expand } from '../topology/expand.ts'
import { topologySchema } from '../topology/schema.ts'
import { type Path, pathsOf } from './paths.ts'

const orders = {
  name: 'orders',
  summary: 'orders',
  entry: 'main',
  runsIn: 'idc' as const,
  port: 8081,
  reach: 'everywhere' as const,
  stores: ['mysql' as const],
  instances: 1,
  account: 'app' as const,
  far: [],
  peers: [],
  folder: '/x/src/delivery',
}
const pathsFor = (runtime: 'process' | 'docker', mode: 'blocks' | 'ports' = 'blocks') => {
  const blueprint = expand({
    topology: topologySchema.parse({}),
    name: 'default',
    id: 'x',
    runtime,
    mode,
    octets: new Map([
      ['bj', 140],
      ['sh', 141],
      ['edge', 142],
    ]),
    portBase: 21_000,
    manifests: [orders],
    defaultShards: {},
  })
  return pathsOf(blueprint)
}
const text = (path: Path) => `${path.from}>${path.to} ${path.protocol} ${path.target}`

describe('the paths of the default testbed', () => {
  const paths = pathsFor('process')

  it('cross bj-sh in every protocol and both directions, at 30 ms', () => {
    const crossing = paths.filter((path) => path.link === 'bj-sh' && path.from === 'bj')
    expect(new Set(crossing.map((path) => path.protocol))).toEqual(
      new Set(['mysql', 'redis', 'kafka', 'zookeeper', 'http']),
    )
    expect(crossing.every((path) => path.askedRttMs === 30 && path.to === 'sh')).toBe(true)
    expect(paths.filter((path) => path.link === 'bj-sh' && path.from === 'sh')).toHaveLength(crossing.length)
  })

  it('reach every store and service within its own place, with nothing asked', () => {
    const within = paths.filter((path) => path.link === null)
    for (const target of ['bj/mysql', 'bj/redis', 'sh/kafka', 'sh/zookeeper', 'edge/zookeeper-global', 'bj/orders'])
      expect(within.map((path) => path.target)).toContain(target)
    expect(within.every((path) => path.from === path.to && path.askedRttMs === 0)).toBe(true)
  })

  it('dial the listener of the link, never the real door, from another place', () => {
    const sh = paths.find((path) => text(path) === 'bj>sh mysql sh/mysql')
    expect(sh?.via).toEqual({ host: '127.140.141.1', port: 3306 })
  })

  it('use the Kafka listener made for the place that dials', () => {
    const kafka = paths.filter((path) => path.protocol === 'kafka').map((path) => `${text(path)} ${path.via.port}`)
    expect(kafka.toSorted()).toEqual([
      'bj>bj kafka bj/kafka 9092',
      'bj>sh kafka sh/kafka 9192',
      'sh>bj kafka bj/kafka 9192',
      'sh>sh kafka sh/kafka 9092',
    ])
  })

  it('leave out quorum, election and control, which no client dials', () => {
    expect(paths.map((path) => path.via.port).filter((port) => [2888, 3888, 8474, 9093].includes(port))).toEqual([])
  })

  it('know which targets work only while links do', () => {
    expect(new Set(paths.filter((path) => path.needsLinks).map((path) => path.target))).toEqual(
      new Set(['bj/zookeeper-global', 'sh/zookeeper-global', 'edge/zookeeper-global']),
    )
  })
})

describe('the paths on other grounds', () => {
  it('are the same for the host on docker, without the proxies that only containers dial', () => {
    expect(pathsFor('docker').map(text).toSorted()).toEqual(pathsFor('process').map(text).toSorted())
  })

  it('each have an address of their own without blocks', () => {
    const paths = pathsFor('process', 'ports')
    expect(paths.map(text).toSorted()).toEqual(pathsFor('process').map(text).toSorted())
    expect(new Set(paths.map((path) => path.via.port)).size).toBe(paths.length)
  })
})

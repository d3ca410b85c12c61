import { describe, expect, it } from 'vitest'
import type { ServerHome, ServerKind } from '../../servers/home.ts'
import type { Launch } from '../../stores/launch.ts'
import { type Spec, specOf } from '../../topology/blueprint.ts'
import { expand } from '../../topology/expand.ts'
import { topologySchema } from '../../topology/schema.ts'
import { containerOf } from './containers.ts'
import { forbiddenFrom } from './direct-dial.ts'
import { homeInside } from './images.ts'
import { bindAddress, standingsOf } from './placement.ts'

const blueprint = expand({
  topology: topologySchema.parse({}),
  name: 'demo',
  id: 'id1',
  runtime: 'docker',
  mode: 'blocks',
  octets: new Map(Object.entries({ bj: 10, sh: 20, edge: 30 })),
  portBase: 20_000,
  manifests: [],
  defaultShards: {},
})
const spec = (id: string) => specOf(blueprint, id) as Spec

const home = (kind: ServerKind, program: string): ServerHome => ({
  kind,
  version: '1.2.3',
  source: 'packages:debian',
  licence: 'none',
  root: `/cache/${kind}`,
  programs: { [program]: `bin/${program}` },
  loader: { path: 'lib/ld.so', libraries: ['lib'] },
  jars: [],
})
const homes = new Map([home('redis', 'redis-server'), home('java', 'java')].map((h) => [h.kind, homeInside(h)]))

const launch = (kind: ServerKind, name: string): Launch => ({
  program: { kind, name },
  args: ['/data/x.conf'],
  env: { A: 'b' },
  files: [],
  seed: null,
  stopGraceMs: 1,
})
const planOf = (id: string, how = launch('redis', 'redis-server')) =>
  containerOf({
    blueprint,
    spec: spec(id),
    launch: how,
    launchHash: 'hash',
    image: 'ezone/x:1',
    homes,
    dataDir: '/state/data',
    user: '1000:1000',
  })

describe('the container of a store', () => {
  const { create, join } = planOf('bj/redis')

  it('stands in the network of its place, at the address the blueprint gives it', () => {
    expect(create.name).toBe('ezone-demo-bj-redis')
    expect(create.HostConfig?.NetworkMode).toBe('ezone-demo-bj')
    expect(create.NetworkingConfig?.EndpointsConfig).toEqual({
      'ezone-demo-bj': { IPAMConfig: { IPv4Address: '198.18.10.12' } },
    })
    expect(join).toEqual([])
  })

  it('is published to the host at the address the process runtime would use', () => {
    expect(create.HostConfig?.PortBindings).toEqual({ '6379/tcp': [{ HostIp: '127.10.0.2', HostPort: '6379' }] })
  })

  it('runs the program from its home in the image, by the loader that came along, as whoever runs ezone', () => {
    const root = '/opt/redis-1.2.3'
    expect(create.Entrypoint).toEqual([])
    expect(create.Cmd).toEqual([
      ...[`${root}/lib/ld.so`, '--library-path', `${root}/lib`, '--argv0', 'redis-server'],
      ...[`${root}/bin/redis-server`, '/data/x.conf'],
    ])
    expect(create.User).toBe('1000:1000')
    expect(create.HostConfig?.Mounts).toEqual([{ Type: 'bind', Source: '/state/data', Target: '/data' }])
  })

  it('carries the labels by which it is found again, and not the marks of host processes', () => {
    expect(create.Labels).toEqual({
      'ezone.testbed': 'id1',
      'ezone.spec': 'bj/redis',
      'ezone.place': 'bj',
      'ezone.launch': 'hash',
    })
    expect(create.Env).toEqual(['LC_ALL=C', 'TZ=UTC', 'A=b'])
  })

  it('has no power it does not need and is not started again by the engine', () => {
    expect(create.HostConfig).toMatchObject({
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      RestartPolicy: { Name: 'no' },
      LogConfig: { Config: { 'max-size': '10m' } },
    })
    expect(create.HostConfig?.Memory).toBeGreaterThan(0)
  })
})

describe('published doors', () => {
  const doors = (id: string) => Object.keys(planOf(id, launch('java', 'java')).create.HostConfig?.PortBindings).sort()

  it('leave out those between members of the ensemble', () => {
    expect(doors('bj/zookeeper-global')).toEqual(['2181/tcp'])
  })

  it("leave out a Kafka's controller but not its listeners for other places", () => {
    expect(doors('bj/kafka')).toEqual(['9092/tcp', '9192/tcp'])
  })
})

describe('the container of a link', () => {
  const link = spec('bj-sh/toxiproxy-inside')

  it('stands in the networks of both places, at the listeners of the blueprint', () => {
    const listeners = blueprint.links
      .find((l) => l.name === 'bj-sh')
      ?.proxies.filter((p) => p.side === 'inside')
      .map((p) => p.listen.host)
    expect(standingsOf(blueprint, link)).toEqual([
      { place: 'bj', address: '198.18.10.200' },
      { place: 'sh', address: '198.18.20.200' },
    ])
    expect(new Set(listeners)).toEqual(new Set(['198.18.10.200', '198.18.20.200']))
  })

  it('is controlled through whichever network the engine publishes, and routes nothing between them', () => {
    expect(bindAddress(blueprint, link, 'control')).toEqual({ host: '0.0.0.0', port: 8474 })
    const toxiproxy = new Map([['toxiproxy', { ...home('toxiproxy', 'toxiproxy-server'), loader: null }]] as const)
    const { create, join } = containerOf({
      blueprint,
      spec: link,
      launch: launch('toxiproxy', 'toxiproxy-server'),
      launchHash: '',
      image: '',
      homes: toxiproxy,
      dataDir: '/d',
      user: '0:0',
    })
    expect(join).toEqual([{ network: 'ezone-demo-sh', endpoint: { IPAMConfig: { IPv4Address: '198.18.20.200' } } }])
    expect(create.HostConfig?.Sysctls).toEqual({ 'net.ipv4.ip_forward': '0' })
  })
})

describe('what a place must not reach', () => {
  it('is every container of every other place, and the host on their ports; each once', () => {
    for (const place of blueprint.places) {
      const dials = forbiddenFrom(blueprint, place)
      const addresses = dials.map(({ address }) => `${address.host}:${address.port}`)
      expect(new Set(addresses).size).toBe(addresses.length)
      const foreign = blueprint.specs.filter(
        (s) => s.on === 'runtime' && s.kind !== 'toxiproxy' && s.place !== place.name,
      )
      for (const { inside } of foreign.flatMap((s) => s.ports)) {
        expect(addresses).toContain(`${inside.host}:${inside.port}`)
        for (const { octet } of blueprint.places) {
          const isConcerned = octet === place.octet || inside.host.startsWith(`198.18.${octet}.`)
          if (isConcerned) expect(addresses).toContain(`198.18.${octet}.1:${inside.port}`)
        }
      }
      expect(dials.filter(({ to }) => to === place.name)).toEqual([])
    }
  })
})

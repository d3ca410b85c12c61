import { randomBytes } from 'node:crypto'
import { systemClock } from '@ezone/sdk/clock'
import { describe, expect, it } from 'vitest'
import type { ServerHome, ServerKind } from '../servers/home.ts'
import { defaultBlueprint } from '../testing/default-blueprint.ts'
import { type Blueprint, portOf } from '../topology/blueprint.ts'
import type { StoreContext } from './context.ts'
import { makeCredentials } from './credentials.ts'
import type { Launch, Site } from './launch.ts'
import { launchOf, type ServerSpec } from './registry.ts'

const home = (kind: ServerKind, programs: Record<string, string>, jars: string[] = []): ServerHome => ({
  kind,
  version: '1',
  source: 'path',
  licence: '',
  root: `/homes/${kind}`,
  programs,
  loader: null,
  jars,
})
const homes = new Map<ServerKind, ServerHome>([
  ['mysql', home('mysql', { mysqld: 'usr/sbin/mysqld' })],
  ['kafka', home('kafka', {}, ['a.jar', 'b.jar'])],
  ['zookeeper', home('zookeeper', {}, ['z.jar'])],
])
const context: StoreContext = {
  homes,
  credentials: await makeCredentials({ clock: systemClock, random: randomBytes }),
  templates: {
    mysql: '/templates/mysql',
    kafka: '/templates/kafka',
    archives: { kafka: '/templates/kafka-1.jsa', zookeeper: '/templates/zookeeper-1.jsa' },
  },
}

/** A site as a container is told it: other paths and addresses than the host's. */
const siteIn = (spec: ServerSpec, side: Site['side']): Site => ({
  side,
  dataDir: side === 'host' ? `/state/${spec.id}` : '/data',
  root: (kind) => (side === 'host' ? `/homes/${kind}` : `/opt/${kind}`),
  files: (kind) => homes.get(kind)?.jars ?? [],
  bind: (name) => portOf(spec, name)?.[side] ?? { host: 'none', port: 0 },
})

const serversOf = (blueprint: Blueprint) =>
  blueprint.specs.filter((spec): spec is ServerSpec => spec.kind !== 'service')
const host = serversOf(defaultBlueprint()).map(
  (spec) => [spec.id, launchOf(spec, siteIn(spec, 'host'), context)] as const,
)
const inside = serversOf(defaultBlueprint({ runtime: 'docker' }))
  .filter((spec) => spec.on === 'runtime')
  .map((spec) => [spec.id, launchOf(spec, siteIn(spec, 'inside'), context)] as const)

const launchOfId = (id: string, launches = host): Launch => {
  const found = launches.find(([other]) => other === id)
  if (found === undefined) throw new Error(`no launch of ${id}`)
  return found[1]
}
const fileOf = (launch: Launch, path: string) => launch.files.find((file) => file.path === path)?.text ?? ''

describe('every launch', () => {
  it('shows no secret to whoever lists processes', () => {
    const { mysql, redis, secret } = context.credentials
    const secrets = [mysql.root, mysql.replication, mysql.app].map((a) => a.password).concat(redis.password, secret)
    for (const [, launch] of [...host, ...inside]) {
      const visible = JSON.stringify([launch.args, launch.env])
      for (const hidden of secrets) expect(visible).not.toContain(hidden)
    }
  })

  it('binds no wildcard address, on the host or in a container', () => {
    for (const [, launch] of [...host, ...inside]) expect(JSON.stringify(launch)).not.toMatch(/0\.0\.0\.0|::/)
  })

  it('names no path of the host in a container', () => {
    for (const [, { args, env, files }] of inside)
      expect(JSON.stringify({ args, env, files })).not.toMatch(/\/(homes|state|templates)\//)
  })

  it('is the same again for the same spec: what runs can be compared with it', () => {
    for (const spec of serversOf(defaultBlueprint()))
      expect(JSON.stringify(launchOf(spec, siteIn(spec, 'host'), context))).toBe(JSON.stringify(launchOfId(spec.id)))
  })
})

describe('MySQL', () => {
  const config = fileOf(launchOfId('sh/mysql'), 'my.cnf')

  it('is durable, keeps ids of zones apart, and writes whole rows into its binlog', () => {
    expect(config.split('\n')).toEqual(
      expect.arrayContaining([
        'sync_binlog=1',
        'innodb_flush_log_at_trx_commit=1',
        'innodb_doublewrite=ON',
        'auto_increment_increment=16',
        'auto_increment_offset=2',
        'server_id=21',
        'gtid_mode=ON',
        'binlog_row_image=FULL',
        'binlog_row_metadata=FULL',
      ]),
    )
  })

  it('finds its messages and plugins wherever its files lie', () => {
    expect(config).toContain('basedir=/homes/mysql/usr\n')
    expect(fileOf(launchOfId('sh/mysql', inside), 'my.cnf')).toContain('basedir=/opt/mysql/usr\n')
  })

  it('trades durability for speed only where the topology says so', () => {
    const fast = serversOf(defaultBlueprint({ yaml: { mysql: { durability: 'fast' } } })).find(
      (s) => s.id === 'sh/mysql',
    )
    const text = fast && fileOf(launchOf(fast, siteIn(fast, 'host'), context), 'my.cnf')
    expect(text).toContain('sync_binlog=0\n')
    expect(text).toContain('innodb_flush_log_at_trx_commit=2\n')
  })

  it('sets its accounts in no binlog', () => {
    expect(fileOf(launchOfId('sh/mysql'), 'init.sql')).toMatch(/^SET SESSION sql_log_bin = 0;\n/)
  })
})

describe('Kafka', () => {
  const listeners = (launch: Launch) =>
    Object.fromEntries(
      fileOf(launch, 'server.properties')
        .split('\n')
        .filter((line) => line.includes('listeners=') || line.startsWith('inter.broker'))
        .map((line) => line.split('=') as [string, string]),
    )

  it('has a listener for each foreign place, advertised at the address of the link over there', () => {
    expect(listeners(launchOfId('bj/kafka'))).toEqual({
      listeners: 'PLAINTEXT://127.10.0.4:9092,FAR_SH://127.10.0.4:9192,CONTROLLER://127.10.0.4:9093',
      'advertised.listeners': 'PLAINTEXT://127.10.0.4:9092,FAR_SH://127.20.10.4:9192',
      'inter.broker.listener.name': 'PLAINTEXT',
    })
  })

  it('in a container tells clients the address of the host, and itself one of its own', () => {
    expect(listeners(launchOfId('bj/kafka', inside))).toEqual({
      listeners:
        'PLAINTEXT://198.18.10.14:9092,INSIDE://198.18.10.14:9094,FAR_SH://198.18.10.14:9192,CONTROLLER://198.18.10.14:9093',
      'advertised.listeners': 'PLAINTEXT://127.10.0.4:9092,INSIDE://198.18.10.14:9094,FAR_SH://127.20.10.4:9192',
      'inter.broker.listener.name': 'INSIDE',
    })
  })
})

describe('ZooKeeper', () => {
  it('talks TLS to the other members, whom it finds through the links', () => {
    const launch = launchOfId('bj/zookeeper-global')
    expect(fileOf(launch, 'zoo.cfg')).toContain('sslQuorum=true\n')
    expect(fileOf(launch, 'zoo.cfg').match(/^server\..*$/gm)).toEqual([
      'server.1=member-1:2888:3888',
      'server.2=member-2:2888:3888',
      'server.16=member-16:2888:3888',
    ])
    expect(launch.args).toContain('-Djdk.net.hosts.file=/state/bj/zookeeper-global/hosts')
    expect(fileOf(launch, 'hosts')).toBe('127.10.0.6 member-1\n127.10.20.6 member-2\n127.10.30.6 member-16\n')
  })

  it('of a zone stands alone and needs no key', () => {
    const launch = launchOfId('bj/zookeeper')
    expect(fileOf(launch, 'zoo.cfg')).not.toMatch(/server\.|ssl/)
    expect(launch.files.map((file) => file.path)).not.toContain('keys/quorum-key.pem')
  })

  it('starts without an archive where none could be made', () => {
    const spec = serversOf(defaultBlueprint()).find((s) => s.id === 'bj/zookeeper')
    const none = { ...context, templates: { ...context.templates, archives: { kafka: null, zookeeper: null } } }
    const launch = spec && launchOf(spec, siteIn(spec, 'host'), none)
    expect(launch?.seed).toBeNull()
    expect(launch?.args.join(' ')).not.toContain('SharedArchiveFile')
  })
})

it('keeps the environment of Redis, by which its process is found', () => {
  expect(fileOf(launchOfId('bj/redis'), 'redis.conf')).toContain('set-proc-title no\n')
})

it('starts a Toxiproxy with its address and nothing else', () => {
  const { args, files } = launchOfId('bj-sh/toxiproxy')
  expect(args.map((arg) => arg.replace(/^127\..*/, 'ADDRESS'))).toEqual(['-host', 'ADDRESS', '-port', '8474'])
  expect(files).toEqual([])
})

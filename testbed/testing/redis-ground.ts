import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { commandOf, type ServerHome, type ServerKind } from '../servers/home.ts'
import { provide } from '../servers/provide.ts'
import type { Launch, Site } from '../stores/launch.ts'
import { folders } from '../surroundings/folders.ts'
import type { Blueprint, Spec } from '../topology/blueprint.ts'
import { expand } from '../topology/expand.ts'
import { topologySchema } from '../topology/schema.ts'

/** The servers that tests of a runtime are made with, from the cache or wherever they come from. */
export function homesForTests(kinds: readonly ServerKind[]): Promise<ReadonlyMap<ServerKind, ServerHome>> {
  return provide(kinds, { cacheDir: folders().cache, signal: AbortSignal.timeout(300_000) })
}

/** The smallest testbed there is: the default places, in each zone a Redis and nothing else, no link. */
export function redisBlueprint(options: {
  readonly name: string
  readonly runtime: 'process' | 'docker'
  /** Second octets of bj, sh and edge. */
  readonly octets: readonly [number, number, number]
}): Blueprint {
  const [bj, sh, edge] = options.octets
  const blueprint = expand({
    topology: topologySchema.parse({}),
    name: options.name,
    id: randomBytes(4).toString('hex'),
    runtime: options.runtime,
    mode: 'blocks',
    octets: new Map(Object.entries({ bj, sh, edge })),
    portBase: 20_000,
    manifests: [],
    defaultShards: {},
  })
  return { ...blueprint, specs: blueprint.specs.filter((spec) => spec.kind === 'redis'), links: [] }
}

/** A Redis that writes every change to its disk at once. `extra` lines go into its configuration. */
export function launchTestRedis(extra: readonly string[] = []): (spec: Spec, site: Site) => Launch {
  return (_spec, site) => {
    const { host, port } = site.bind('client')
    const lines = [
      `bind ${host}`,
      `port ${port}`,
      `dir ${site.dataDir}`,
      'protected-mode no',
      'set-proc-title no',
      'save ""',
      'appendonly yes',
      'appendfsync always',
      ...extra,
    ]
    return {
      program: { kind: 'redis', name: 'redis-server' },
      args: [`${site.dataDir}/redis.conf`],
      env: {},
      files: [{ path: 'redis.conf', text: `${lines.join('\n')}\n` }],
      seed: null,
      stopGraceMs: 5_000,
    }
  }
}

/** Asks a Redis with the real client; null where it cannot be reached. */
export async function askRedis(home: ServerHome, spec: Spec, ...words: readonly string[]): Promise<string | null> {
  const { host, port } = spec.ports[0]?.host ?? { host: '', port: 0 }
  const [file, ...args] = commandOf(home, 'redis-cli')
  try {
    const { stdout } = await promisify(execFile)(file, [...args, '-h', host, '-p', String(port), '-t', '1', ...words])
    return stdout.trim()
  } catch {
    return null
  }
}

export async function untilPong(home: ServerHome, spec: Spec): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if ((await askRedis(home, spec, 'PING')) === 'PONG') return
    await sleep(50)
  }
  throw new Error(`${spec.id} does not answer`)
}

import type { RedisSpec } from '../topology/blueprint.ts'
import { ask } from './ask.ts'
import type { Launcher } from './launch.ts'
import { limits } from './limits.ts'
import type { Probe } from './ready.ts'

/** A Redis that keeps an append-only file; its password stands in its configuration file only. */
export const launchRedis: Launcher<RedisSpec> = (_spec, site, { credentials }) => {
  const { host, port } = site.bind('client')
  const lines = [
    `bind ${host}`,
    `port ${port}`,
    `requirepass ${credentials.redis.password}`,
    `dir ${site.dataDir}`,
    'daemonize no',
    // It would overwrite the environment that its process is found by.
    'set-proc-title no',
    'save ""',
    'appendonly yes',
    'appendfsync everysec',
    `auto-aof-rewrite-min-size ${limits.redisRewriteBytesMin}`,
    `maxmemory ${limits.redisBytesMax}`,
    // A store that silently forgets would look like lost replication.
    'maxmemory-policy noeviction',
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

/** PONG comes only when the append-only file is loaded: before, the answer is `-LOADING`. */
export const probeRedis: Probe<RedisSpec> = async (_spec, { door, credentials, signal }) => {
  const twoLines = (answer: Buffer) => answer.toString('latin1').split('\r\n').length > 2
  const answer = await ask(door('client'), `AUTH ${credentials.redis.password}\r\nPING\r\n`, twoLines, signal)
  const text = answer.toString('latin1')
  if (text !== '+OK\r\n+PONG\r\n') throw new Error(`Redis answers ${JSON.stringify(text)}`)
}

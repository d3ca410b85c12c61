import type { Address } from '@ezone/sdk/model'
import { type Blueprint, portOf, type Spec } from '../topology/blueprint.ts'
import type { Account, Credentials } from './credentials.ts'

/**
 * The environment `ezone status --env` prints: what a client on the host needs for every store, and the URL of every
 * service. Holds credentials. Names are `EZONE_<ZONE>_<STORE>_<WHAT>`; a service's begins with its place.
 *
 *   EZONE_BJ_MYSQL_HOST  EZONE_BJ_MYSQL_GLOBAL_HOST  EZONE_BJ_REDIS_URL  EZONE_BJ_KAFKA_BOOTSTRAP
 *   EZONE_BJ_ZOOKEEPER_CONNECT  EZONE_GLOBAL_ZOOKEEPER_CONNECT  EZONE_EDGE_ROUTER_URL
 */
export function environmentOf(blueprint: Blueprint, credentials: Credentials): Readonly<Record<string, string>> {
  const own = blueprint.specs.flatMap((spec) => Object.entries(variablesOf(spec, credentials)))
  const ensemble = blueprint.specs.filter((spec) => spec.kind === 'zookeeper' && spec.ensemble !== null)
  const global = ensemble.length === 0 ? [] : [['EZONE_GLOBAL_ZOOKEEPER_CONNECT', ensemble.map(hostPort).join(',')]]
  return Object.fromEntries([...own, ...global])
}

function variablesOf(spec: Spec, credentials: Credentials): Readonly<Record<string, string>> {
  switch (spec.kind) {
    case 'mysql':
      return mysql(nameOf(spec), doorOf(spec), credentials.mysql)
    case 'redis':
      // By name: redis-cli takes `redis://:password@` for a user without a name, and is refused.
      return {
        [`${nameOf(spec)}_URL`]: `redis://default:${encodeURIComponent(credentials.redis.password)}@${hostPort(spec)}`,
      }
    case 'kafka':
      return { [`${nameOf(spec)}_BOOTSTRAP`]: hostPort(spec) }
    case 'zookeeper':
      return spec.ensemble === null ? { [`${nameOf(spec)}_CONNECT`]: hostPort(spec) } : {}
    case 'service':
      return { [`${upper('EZONE', spec.place, spec.name)}_URL`]: `http://${hostPort(spec)}` }
    case 'toxiproxy':
      return {}
  }
}

function mysql(name: string, { host, port }: Address, { app, root }: Credentials['mysql']): Record<string, string> {
  return {
    [`${name}_HOST`]: host,
    [`${name}_PORT`]: String(port),
    [`${name}_USER`]: app.user,
    [`${name}_PASSWORD`]: app.password,
    [`${name}_URL`]: `mysql://${login(app)}@${host}:${port}`,
    [`${name}_ROOT_PASSWORD`]: root.password,
  }
}

const login = ({ user, password }: Account) => `${user}:${encodeURIComponent(password)}`

/** Stores are one per zone, so the zone names them, whichever of its IDCs they stand in. */
const nameOf = (spec: Spec) => upper('EZONE', spec.zone ?? spec.place, spec.name)

const upper = (...words: readonly string[]) => words.join('_').replaceAll('-', '_').toUpperCase()

function hostPort(spec: Spec): string {
  const { host, port } = doorOf(spec)
  return `${host}:${port}`
}

function doorOf(spec: Spec): Address {
  const port = portOf(spec, spec.kind === 'service' ? 'http' : 'client')
  if (port === undefined) throw new TypeError(`${spec.id} has no port for clients`)
  return port.host
}

import { randomBytes } from 'node:crypto'
import { systemClock } from '@ezone/sdk/clock'
import { expect, it } from 'vitest'
import { defaultBlueprint } from '../testing/default-blueprint.ts'
import { makeCredentials } from './credentials.ts'
import { environmentOf } from './environment.ts'

const credentials = await makeCredentials({ clock: systemClock, random: randomBytes })
const environment = environmentOf(defaultBlueprint(), credentials)

it('names every store of a zone with what a client needs', () => {
  expect(environment).toMatchObject({
    EZONE_BJ_MYSQL_HOST: '127.10.0.1',
    EZONE_BJ_MYSQL_PORT: '3306',
    EZONE_BJ_MYSQL_USER: credentials.mysql.app.user,
    EZONE_BJ_MYSQL_PASSWORD: credentials.mysql.app.password,
    EZONE_BJ_MYSQL_GLOBAL_HOST: '127.10.0.5',
    EZONE_SH_MYSQL_HOST: '127.20.0.1',
    EZONE_SH_REDIS_URL: `redis://default:${credentials.redis.password}@127.20.0.2:6379`,
    EZONE_SH_KAFKA_BOOTSTRAP: '127.20.0.4:9092',
    EZONE_SH_ZOOKEEPER_CONNECT: '127.20.0.3:2181',
  })
})

it('joins the members of the global ensemble to one connect string', () => {
  expect(environment.EZONE_GLOBAL_ZOOKEEPER_CONNECT).toBe('127.10.0.6:2181,127.20.0.6:2181,127.30.0.6:2181')
})

it('tells where services answer', () => {
  expect(environment).toMatchObject({ EZONE_EDGE_GZS_URL: 'http://127.30.0.20:8090' })
})

it('uses names a shell accepts, each once, and no empty value', () => {
  for (const [name, value] of Object.entries(environment)) {
    expect(name).toMatch(/^EZONE_[A-Z0-9_]+$/)
    expect(value).not.toBe('')
  }
})

it('names a zone with two IDCs by the zone', () => {
  const twoIdcs = defaultBlueprint({ yaml: { zones: [{ name: 'bj', idcs: ['bja', 'bjb'] }, { name: 'sh' }] } })
  expect(environmentOf(twoIdcs, credentials)).toMatchObject({ EZONE_BJ_MYSQL_HOST: '127.10.0.1' })
})

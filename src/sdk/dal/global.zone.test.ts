import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../../testbed/testing/link-ground.ts'
import { PlatformGround } from '../../../testbed/testing/platform-ground.ts'
import { type MysqlAccess, systemClock } from '../model/index.ts'
import { GlobalDatabase, isDuplicate, makeGlobalRole } from './index.ts'

let platform: PlatformGround
const zones = ['bj', 'sh'] as const
type Zone = (typeof zones)[number]
const databases = {} as Record<Zone, GlobalDatabase>

beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 48, sh: 49, edge: 47 }, { links: true })
  await platform.startStores('bj/mysql-global', 'sh/mysql-global')
})
afterAll(async () => {
  for (const zone of zones) await databases[zone]?.[Symbol.asyncDispose]()
  await platform?.[Symbol.asyncDispose]()
})

/** A server as a program of its own zone dials it. */
function near(zone: Zone, account: 'app' | 'fence'): MysqlAccess {
  const door = platform.ground.spec(`${zone}/mysql-global`, 'mysql').ports[0]?.host
  return { ...(door ?? { host: '', port: 0 }), ...platform.ground.credentials.mysql[account] }
}

/** The servers as a service of a zone is told of them: the other one by the link. */
function seenFrom(zone: Zone): Record<string, MysqlAccess> {
  const { sources } = platform.ground.spec(`${zone}/mysql-global`, 'mysql')
  const far = sources.map((source) => [source.zone, { ...source.address, ...platform.ground.credentials.mysql.app }])
  return { [zone]: near(zone, 'app'), ...Object.fromEntries(far) }
}

const beRole = (zone: Zone, master: Zone) => makeGlobalRole({ own: near(zone, 'fence'), zone, master })
const link = () => platform.link('bj-sh')
const signal = () => AbortSignal.timeout(20_000)

const register = (zone: Zone, userId: number, phone: string) =>
  databases[zone].write((tx) => tx.change('INSERT INTO people.users (user_id, phone) VALUES (?, ?)', [userId, phone]))
const nearCount = async (zone: Zone) => {
  const [row] = await databases[zone].read<{ n: string }>('SELECT COUNT(*) AS n FROM people.users')
  return Number(row?.n)
}

describe('the servers of the Global Zone', () => {
  it('take no writes before somebody said which one is the master', async () => {
    const connection = await createConnection(near('bj', 'app'))
    await expect(connection.query('CREATE DATABASE people')).rejects.toMatchObject({ errno: 1290 })
    connection.destroy()
  })

  it('become master and replica, and stay so when it is said again', async () => {
    for (let round = 0; round < 2; round++) {
      expect(await beRole('bj', 'bj')).toEqual({ role: 'master', readOnly: false, following: true, trouble: '' })
      expect(await beRole('sh', 'bj')).toMatchObject({ role: 'replica', readOnly: true })
      await until(async () => (await beRole('sh', 'bj')).following, 10_000)
    }
  })
})

describe('a Global Zone database', () => {
  beforeAll(async () => {
    for (const zone of zones)
      databases[zone] = GlobalDatabase.open({
        global: { master: 'bj', members: seenFrom(zone) },
        zone,
        clock: systemClock,
      })
    await databases.sh.migrate('people', [
      [
        'CREATE DATABASE people CHARACTER SET utf8mb4',
        'CREATE TABLE people.users (user_id BIGINT UNSIGNED PRIMARY KEY, phone VARCHAR(20) NOT NULL, UNIQUE KEY phone (phone))',
      ],
    ])
  })

  it('writes to the master from either zone, and reads near', async () => {
    await register('bj', 1, '+86 1')
    await register('sh', 2, '+86 2')
    await until(async () => (await nearCount('sh')) === 2, 5_000)
    expect(await nearCount('bj')).toBe(2)
  })

  it('reads from the master what has just been written across the link', async () => {
    await register('sh', 3, '+86 3')
    const read = await databases.sh.read<{ user_id: string }>(
      'SELECT user_id FROM people.users WHERE phone = ?',
      ['+86 3'],
      {
        from: 'master',
      },
    )
    expect(read).toEqual([{ user_id: '3' }])
  })

  it('lets exactly one of two registrations with the same phone win, made in both zones at once', async () => {
    for (let round = 0; round < 10; round++) {
      const phone = `+86 dup ${round}`
      const both = await Promise.allSettled([register('bj', 100 + round, phone), register('sh', 200 + round, phone)])
      const lost = both.filter((end) => end.status === 'rejected')
      expect(lost).toHaveLength(1)
      expect(isDuplicate(lost[0]?.reason, 'phone')).toBe(true)
    }
  })

  it('is refused by a replica, administrators included', async () => {
    const root = await createConnection({ ...near('sh', 'app'), ...platform.ground.credentials.mysql.root })
    await expect(root.query("INSERT INTO people.users VALUES (9, '9')")).rejects.toMatchObject({ errno: 1290 })
    root.destroy()
  })
})

describe('while the link is cut', () => {
  it('the far zone is told within its time that nobody can be reached, reads on, and follows after the heal', async () => {
    const before = await nearCount('sh')
    await link().cut({ id: 'cut', direction: null }, signal())
    const beganMs = systemClock.monotonicMs()
    await expect(register('sh', 300, '+86 cut')).rejects.toMatchObject({ code: 'EZ_GLOBAL_UNREACHABLE' })
    expect(systemClock.monotonicMs() - beganMs).toBeLessThan(3_500)

    // While nobody was found just now, the next ones do not wait.
    const againMs = systemClock.monotonicMs()
    await expect(register('sh', 301, '+86 cut')).rejects.toMatchObject({ code: 'EZ_GLOBAL_UNREACHABLE' })
    expect(systemClock.monotonicMs() - againMs).toBeLessThan(200)

    await register('bj', 302, '+86 cut')
    expect(await nearCount('sh')).toBe(before)
    await sleep(4_000)
    await link().join('cut', signal())
    const healedMs = systemClock.monotonicMs()
    await until(async () => (await nearCount('sh')) === before + 1, 15_000)
    expect(systemClock.monotonicMs() - healedMs).toBeLessThan(8_000)
    await until(
      () =>
        register('sh', 303, '+86 healed').then(
          () => true,
          () => false,
        ),
      5_000,
    )
  })
})

describe('another master', () => {
  it('is found by the servers themselves: the old one refuses, the new one takes', async () => {
    expect(await beRole('bj', 'sh')).toMatchObject({ role: 'replica' })
    await expect(register('bj', 400, '+86 nobody')).rejects.toMatchObject({ code: 'EZ_GLOBAL_UNREACHABLE' })
    expect(await beRole('sh', 'sh')).toMatchObject({ role: 'master', readOnly: false })
    await until(
      () =>
        register('bj', 401, '+86 new master').then(
          () => true,
          () => false,
        ),
      5_000,
    )
    await until(async () => (await beRole('bj', 'sh')).following, 10_000)
    await until(async () => (await nearCount('bj')) === (await nearCount('sh')), 5_000)
  })

  it('is the only one also after the old one was killed and started', async () => {
    await platform.stopStore('bj/mysql-global', 'kill')
    await register('sh', 402, '+86 alone')
    await platform.startStores('bj/mysql-global')
    await expect(beRole('bj', 'sh')).resolves.toMatchObject({ role: 'replica', readOnly: true })
    await until(async () => (await nearCount('bj')) === (await nearCount('sh')), 10_000)
    const [row] = await databases.bj.read<{ n: string }>(
      "SELECT COUNT(*) AS n FROM people.users WHERE phone = '+86 alone'",
    )
    expect(row?.n).toBe('1')
  })
})

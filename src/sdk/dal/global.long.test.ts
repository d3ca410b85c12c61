import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../../testbed/testing/link-ground.ts'
import { PlatformGround } from '../../../testbed/testing/platform-ground.ts'
import { type MysqlAccess, systemClock } from '../model/index.ts'
import { GlobalDatabase, GlobalServer, isDuplicate } from './index.ts'

let platform: PlatformGround
const zones = ['bj', 'sh'] as const
type Zone = (typeof zones)[number]
const databases = {} as Record<Zone, GlobalDatabase>
const servers = {} as Record<Zone, GlobalServer>

beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 48, sh: 49, edge: 47 }, { links: true })
  await platform.startStores('bj/mysql-global', 'sh/mysql-global')
  for (const zone of zones) servers[zone] = GlobalServer.open({ own: near(zone, 'fence'), clock: systemClock })
})
afterAll(async () => {
  for (const zone of zones) {
    await databases[zone]?.[Symbol.asyncDispose]()
    await servers[zone]?.[Symbol.asyncDispose]()
  }
  await platform?.[Symbol.asyncDispose]()
})

/** A server as a program of its own zone dials it. */
function near(zone: Zone, account: 'app' | 'fence'): MysqlAccess {
  const door = platform.ground.spec(`${zone}/mysql-global`, 'mysql').ports[0]?.host
  return { ...(door ?? { host: '', port: 0 }), ...platform.ground.credentials.mysql[account] }
}

/** The servers as a program of a zone is told of them: the other one by the link. */
function seenFrom(zone: Zone, account: 'app' | 'fence'): Record<string, MysqlAccess> {
  const { sources } = platform.ground.spec(`${zone}/mysql-global`, 'mysql')
  const secret = platform.ground.credentials.mysql[account]
  const far = sources.map((source) => [source.zone, { ...source.address, ...secret }])
  return { [zone]: near(zone, account), ...Object.fromEntries(far) }
}

const later = () => systemClock.nowMs() + 60_000
const lead = (zone: Zone, untilMs = later()) => servers[zone].lead({ covered: false, others: 1, untilMs })
const aside: string[] = []
async function follow(zone: Zone, master: Zone) {
  const at = seenFrom(zone, 'fence')[master] ?? expect.fail(`no ${master}`)
  return servers[zone].follow({
    master,
    at,
    keepAside: async (gtids, rows) => {
      for await (const { table, row } of rows) aside.push(`${gtids} ${table} ${row.phone}`)
    },
  })
}
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
      await lead('bj')
      await until(async () => (await follow('sh', 'bj')).following, 10_000)
    }
  })
})

describe('a Global Zone database', () => {
  beforeAll(async () => {
    for (const zone of zones)
      databases[zone] = GlobalDatabase.open({
        global: { master: 'bj', members: seenFrom(zone, 'app') },
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

describe('a lease', () => {
  it('ends the taking of writes by itself, though nobody is there to end it', async () => {
    await servers.bj.stop('planned')
    await lead('bj', systemClock.nowMs() + 1_500)
    await register('bj', 350, '+86 in time')
    await sleep(1_600)
    await expect(register('bj', 351, '+86 too late')).rejects.toMatchObject({ code: 'EZ_GLOBAL_UNREACHABLE' })
    await lead('bj')
    await until(() => done(register('bj', 352, '+86 again')), 5_000)
  })

  it('is forgotten by a server that was started anew', async () => {
    await platform.stopStore('bj/mysql-global', 'kill')
    await platform.startStores('bj/mysql-global')
    const [row] = await platform.query('bj', 'SELECT until_ms FROM ezone.global_lease', 'mysql-global')
    expect(row?.until_ms).toBe('0')
    await lead('bj')
    await until(async () => (await follow('sh', 'bj')).following, 10_000)
  })
})

describe('commits that wait for the other zone', () => {
  it('are in it when they are acknowledged, and are not acknowledged while it is away', async () => {
    await servers.bj.setSemiSync(true)
    await until(async () => (await servers.bj.semiSync()).receivers === 1, 10_000)
    await register('bj', 360, '+86 covered')
    const received = "SELECT COUNT(*) AS n FROM people.users WHERE phone = '+86 covered'"
    await until(async () => Number((await databases.sh.read<{ n: string }>(received))[0]?.n) === 1, 5_000)
    await link().cut({ id: 'away', direction: null }, signal())
    await expect(register('bj', 361, '+86 hangs')).rejects.toMatchObject({ code: 'EZ_OUTCOME_UNKNOWN' })
    expect(await servers.bj.semiSync()).toMatchObject({ on: true, waiting: 1 })
    // Nobody else sees it either.
    expect(await databases.bj.read("SELECT 1 FROM people.users WHERE phone = '+86 hangs'")).toEqual([])
    await link().join('away', signal())
    await until(async () => (await servers.bj.semiSync()).waiting === 0, 15_000)
    await servers.bj.setSemiSync(false)
  })
})

describe('another master', () => {
  it('is found by the servers themselves: the old one refuses, the new one takes', async () => {
    const executed = await servers.bj.stop('planned')
    const waiting = register('bj', 401, '+86 new master')
    expect(await servers.sh.has(executed, 5_000)).toBe(true)
    await lead('sh')
    // It waited for the new one.
    await waiting
    await until(async () => (await follow('bj', 'sh')).following, 10_000)
    await until(async () => (await nearCount('bj')) === (await nearCount('sh')), 5_000)
  })

  it('is the only one also after the old one was killed and started', async () => {
    await platform.stopStore('bj/mysql-global', 'kill')
    await register('sh', 402, '+86 alone')
    await platform.startStores('bj/mysql-global')
    await until(async () => (await follow('bj', 'sh')).following, 10_000)
    await until(async () => (await nearCount('bj')) === (await nearCount('sh')), 10_000)
    expect(aside).toEqual([])
  })

  it('is not followed by a server that has what it never saw, before that is put aside and the server made anew', async () => {
    await servers.bj.stop('hard')
    const hand = "SET GLOBAL read_only = OFF; INSERT INTO people.users VALUES (666, '+86 stray')"
    for (const sql of hand.split('; ')) await platform.query('bj', sql, 'mysql-global')
    await until(async () => (await follow('bj', 'sh')).following, 20_000)
    expect(aside).toEqual([expect.stringMatching(/^[\w-]{36}:\d+ people\.users \+86 stray$/)])
    // Until it has all of it again, it may not even have the table.
    const same = async () => (await nearCount('bj')) === (await nearCount('sh'))
    await until(() => same().catch(() => false), 10_000)
    await register('bj', 403, '+86 stray')
  }, 60_000)
})

const done = (promise: Promise<unknown>) =>
  promise.then(
    () => true,
    () => false,
  )

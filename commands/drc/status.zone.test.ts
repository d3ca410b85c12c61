import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Lane } from '../../testbed/drc/lanes.ts'
import type { Status } from '../../testbed/session/status.ts'
import { type Answer, Cli, killNow } from '../../testbed/testing/cli.ts'

let cli: Cli
beforeAll(async () => {
  cli = await Cli.open()
  expect((await cli.up()).exit).toBe(0)
})
afterAll(async () => {
  await cli?.[Symbol.asyncDispose]()
})

const seen = ({ exit, error }: Answer) => [exit, error?.code]
const data = <T>(answer: Answer) => answer.data as T
const lanes = async () => data<{ lanes: readonly Lane[] }>(await cli.run('drc', 'status')).lanes
const settle = { timeout: 60_000, interval: 500 }

async function inBj(...statements: readonly string[]): Promise<void> {
  const { env } = data<Status>(await cli.run('status', '--env'))
  await using connection = await createConnection({ uri: env?.EZONE_BJ_MYSQL_URL ?? '' })
  for (const sql of statements) await connection.query(sql)
}

describe('ezone drc', () => {
  it('status: every lane runs when the testbed is ready, or within a moment', async () => {
    await expect.poll(async () => seen(await cli.run('drc', 'status')), settle).toEqual([0, undefined])
    expect((await lanes()).map(({ role, source, zone, state }) => `${role} ${source} ${zone} ${state}`)).toEqual([
      'relay bj bj running',
      'relay sh sh running',
      'applier bj sh running',
      'applier sh bj running',
    ])
  })

  it('tap: the change an order makes, from the log of its zone', async () => {
    const { orderId } = data<{ orderId: string }>(await cli.run('order', 'place', '--city', 'Shanghai'))
    const tapped = await cli.run(
      'drc',
      'tap',
      '--table',
      'delivery.orders',
      '--zone',
      'sh',
      '--from-start',
      '--max',
      '1',
    )
    expect(seen(tapped)).toEqual([0, undefined])
    expect(tapped.data).toMatchObject({
      zones: ['sh'],
      ended: 'max',
      count: 1,
      changes: [{ zone: 'sh', op: 'insert', table: 'delivery.orders', after: { order_id: orderId } }],
    })
    expect(data<{ count: number }>(await cli.run('drc', 'tap', '--for', '500ms')).count).toBe(0)
  })

  it('lag: what the services measured, for as long as it is looked', async () => {
    const lag = await cli.run('drc', 'lag', '--for', '1500ms')
    expect(seen(lag)).toEqual([0, undefined])
    expect(lag.data).toMatchObject({
      lanes: [
        { source: 'bj', target: 'sh', behind: 0 },
        { source: 'sh', target: 'bj', behind: 0, lagMs: { samples: expect.any(Number) } },
      ],
    })
    expect(data<{ looks: number }>(lag).looks).toBeGreaterThanOrEqual(2)
  })

  it.each([[['drc', 'tap', '--zone', 'gz']], [['drc', 'lag', '--for', '2']], [['drc', 'tap', '--max', '0']]])(
    '%j is refused',
    async (args) => {
      expect((await cli.run(...args)).exit).toBe(2)
    },
  )

  it('status: unknown where nobody answers in a zone, with what is known', async () => {
    const { places } = data<Status>(await cli.run('status'))
    for (const { pid } of places.find(({ name }) => name === 'sh')?.services.filter(({ name }) => /^drc/.test(name)) ??
      [])
      killNow(pid)
    const status = await cli.run('drc', 'status')
    expect(seen(status)).toEqual([8, 'EZ_DRC_UNKNOWN'])
    expect(data<{ lanes: readonly Lane[] }>(status).lanes.map(({ zone, state }) => `${zone} ${state}`)).toContain(
      'sh unknown',
    )
    expect((await cli.run('start')).exit).toBe(0)
    await expect.poll(async () => seen(await cli.run('drc', 'status')), settle).toEqual([0, undefined])
  })

  it('status: a stopped lane is a verdict, with its reason', async () => {
    await inBj('CREATE DATABASE shop', 'CREATE TABLE shop.plain (id INT)', 'INSERT INTO shop.plain VALUES (1)')
    await expect.poll(async () => seen(await cli.run('drc', 'status')), settle).toEqual([7, 'EZ_DRC_STOPPED'])
    expect((await lanes()).find(({ role, source }) => role === 'relay' && source === 'bj')).toMatchObject({
      state: 'stopped',
      stopped: { code: 'EZ_DRC_UNFIT_TABLE', message: expect.stringContaining('shop.plain') },
    })
    expect(seen(await cli.run('drc', 'lag'))).toEqual([7, 'EZ_DRC_STOPPED'])
  })
})

import { rm } from 'node:fs/promises'
import { type Order, parseRoute, routerStatsSchema, unpackId } from '@ezone/sdk'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { RouterClient } from '../../testbed/orders/router-client.ts'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'

let platform: PlatformGround
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 55, sh: 56, edge: 57 })
  await platform.startAll()
})
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
})

const tags = { sh: 'geo=31.23,121.47', bj: 'geo=39.90,116.40' }
const router = () => platform.program('edge', 'router')

async function place(zone: keyof typeof tags, more: Record<string, string> = {}) {
  const response = await fetch(`${router().url}/orders`, {
    method: 'POST',
    headers: { 'x-ezone-tag': tags[zone], ...more },
  })
  const body = (await response.json()) as Order & { readonly error?: { readonly code: string } }
  return { status: response.status, headers: response.headers, body }
}
/** Looks again until it is so, or fails with what it saw last. */
const soon = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 15_000 })
const stats = async () => routerStatsSchema.parse(await (await fetch(`${router().url}/stats`)).json())

const everywhere = ['edge', 'bj', 'sh'] as const
const killGzs = () => Promise.all(everywhere.map((where) => platform.program(where, 'gzs').kill()))
const startGzs = async () => void (await Promise.all(everywhere.map((where) => platform.start(where, 'gzs'))))

describe('when a router is gone', () => {
  it('clients go on with the other one, without an error, whichever it is', async () => {
    const client = new RouterClient(...[1, 2].map((instance) => platform.addressOf('edge', 'router', instance)))
    const signal = AbortSignal.timeout(60_000)
    for (const instance of [1, 2]) {
      await platform.program('edge', 'router', instance).kill()
      const placed = await Promise.all(Array.from({ length: 10 }, () => client.place({ tag: tags.sh, signal })))
      expect(new Set(placed.map(({ order }) => order.orderId)).size).toBe(10)
      await platform.start('edge', 'router', { instance })
    }
  })
})

describe('when GZS is gone', () => {
  it('a router goes on with the table it holds, also one that starts only now', async () => {
    await killGzs()
    onTestFinished(startGzs)
    expect((await place('sh')).status).toBe(201)

    await router().kill()
    await platform.start('edge', 'router')
    expect((await place('bj')).status).toBe(201)
    expect((await stats()).table).toMatchObject({ version: 1, from: 'disk' })
  })

  it('a router without any table says so, and takes no order', async () => {
    await killGzs()
    await router().end()
    const { stateDir } = await platform.config('edge', 'router')
    await rm(stateDir, { recursive: true })
    onTestFinished(async () => {
      await startGzs()
      await soon(async () => (await fetch(`${router().url}/readyz`)).status).toBe(200)
    })
    await platform.launch('edge', 'router')
    await soon(async () => (await fetch(`${router().url}/healthz`)).status).toBe(200)
    expect((await fetch(`${router().url}/readyz`)).status).toBe(503)
    const { status, body } = await place('sh')
    expect([status, body.error?.code]).toEqual([503, 'EZ_NOT_READY'])
  })
})

describe('when a zone is down', () => {
  it('its orders are refused as unreachable, nothing done, and the other zone does not notice', async () => {
    await platform.program('sh', 'orders').kill()
    onTestFinished(async () => void (await platform.start('sh', 'orders')))
    const { status, headers, body } = await place('sh')
    expect([status, body.error?.code]).toEqual([503, 'EZ_ZONE_UNREACHABLE'])
    expect(headers.get('x-ezone-outcome')).toBe('none')
    expect(parseRoute(headers.get('x-ezone'))).toMatchObject({ zone: 'sh', shard: 31 })
    expect((await place('bj')).status).toBe(201)
  })

  it('and hangs, an order ends as unknown within the deadline, and is there once when sent again', async () => {
    const orders = platform.program('sh', 'orders')
    const key = { 'idempotency-key': 'sent-into-the-dark' }
    const [newest] = await platform.query('sh', 'SELECT COALESCE(MAX(order_id), 0) AS id FROM delivery.orders')
    const before = String(newest?.id)
    orders.child.kill('SIGSTOP')
    const { status, headers, body } = await place('sh', key)
    orders.child.kill('SIGCONT')
    expect([status, body.error?.code]).toEqual([504, 'EZ_OUTCOME_UNKNOWN'])
    expect(headers.get('x-ezone-outcome')).toBe('unknown')

    const again = await place('sh', key)
    expect([200, 201]).toContain(again.status)
    const rows = await platform.query('sh', `SELECT order_id FROM delivery.orders WHERE order_id > ${before}`)
    expect(rows.map((row) => row.order_id)).toEqual([again.body.orderId])
  })
})

describe('when a zone hangs under load', () => {
  it('what waits for it is limited, and the other zone goes on', async () => {
    const orders = platform.program('sh', 'orders')
    orders.child.kill('SIGSTOP')
    onTestFinished(() => void orders.child.kill('SIGCONT'))
    const waiting = Array.from({ length: 450 }, () => place('sh'))
    const first = await Promise.race(waiting)
    expect([first.status, first.body.error?.code]).toEqual([503, 'EZ_OVERLOADED'])
    expect((await place('bj')).status).toBe(201)
    const codes = (await Promise.all(waiting)).map((answer) => answer.body.error?.code)
    expect(new Set(codes)).toEqual(new Set(['EZ_OVERLOADED', 'EZ_OUTCOME_UNKNOWN']))
  })
})

describe('when the MySQL of a zone is down', () => {
  it('its service refuses orders as nothing done, and takes them again once it is back, without a restart', async () => {
    await platform.ground.kill(platform.mysql('sh'))
    await soon(async () => (await place('sh')).body.error?.code).toBe('EZ_STORE_UNREACHABLE')
    expect((await fetch(`${platform.program('sh', 'orders').url}/readyz`)).status).toBe(503)
    expect((await fetch(`${platform.program('sh', 'orders').url}/healthz`)).status).toBe(200)
    await platform.ground.start(platform.mysql('sh'))
    await soon(async () => (await place('sh')).status).toBe(201)
  })
})

describe('a service', () => {
  it('that is killed and started again in the same second gives no id twice', async () => {
    const ids: string[] = []
    for (let life = 0; life < 4; life++) {
      ids.push(...(await Promise.all(Array.from({ length: 20 }, () => place('sh')))).map((a) => a.body.orderId))
      await platform.program('sh', 'orders').kill()
      await platform.start('sh', 'orders')
    }
    expect(ids.every((id) => unpackId(BigInt(id)).cell === 1)).toBe(true)
    expect(new Set(ids).size).toBe(80)
  })

  it('that is asked to end answers what it has begun, then ends cleanly', async () => {
    const orders = platform.program('sh', 'orders')
    // Few enough to be done in the second that a service has, also where it has just started.
    const answers = Array.from({ length: 10 }, () => place('sh'))
    await answers[0]
    const ended = orders.end()
    const statuses = (await Promise.all(answers)).map((a) => a.status)
    expect(await ended).toBe(0)
    await platform.start('sh', 'orders')
    // Each was either taken or surely not begun; a connection that the end cut off would be a 504.
    expect(statuses.filter((status) => status !== 201 && status !== 503)).toEqual([])
  })

  it.each(['gzs', 'router'] as const)('%s ends by itself when its configuration has vanished', async (service) => {
    const program = platform.program('edge', service)
    await rm(program.configFile)
    await soon(() => program.child.exitCode).toBe(0)
    expect(program.lines.join('\n')).toContain('its configuration has vanished')
    await platform.start('edge', service)
  })

  it('that cannot have its address says so and ends', async () => {
    const second = await platform.launch('edge', 'gzs', { stateDir: `${platform.ground.folder}/second` })
    await soon(() => second.child.exitCode).toBe(1)
    expect(second.lines.join('\n')).toContain('EADDRINUSE')
    expect((await fetch(`${router().url}/healthz`)).status).toBe(200)
  })
})

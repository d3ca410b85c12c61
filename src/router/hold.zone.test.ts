import { setTimeout as sleep } from 'node:timers/promises'
import { acknowledgedSchema, parseRoute, routerStatsSchema, systemClock } from '@ezone/sdk'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { RouterGround } from '../../testbed/testing/router-ground.ts'
import type { RunningProgram } from '../../testbed/testing/running-program.ts'

let ground: RouterGround
let router: RunningProgram
beforeAll(async () => {
  ground = await RouterGround.make({ edge: 57, bj: 58, sh: 59 })
  router = await ground.router()
})
afterAll(async () => {
  await ground?.[Symbol.asyncDispose]()
})
afterEach(async () => {
  ground.zones.sh.answer = undefined
  ground.zones.bj.answer = undefined
  await settle('sh')
})

const shanghai = { 'x-ezone-tag': 'geo=31.23,121.47' }

async function ask(method: string, headers: Record<string, string> = {}) {
  const body = method === 'GET' ? {} : { body: '{}' }
  const response = await fetch(`${router.url}/orders`, { method, headers: { ...shanghai, ...headers }, ...body })
  const answer = (await response.json()) as { zone?: string; error?: { code: string } }
  return { status: response.status, headers: response.headers, ...answer }
}
const stats = async () => routerStatsSchema.parse(await (await fetch(`${router.url}/stats`)).json())
const seen = async (version: number) => {
  await expect.poll(async () => (await stats()).table?.version, { timeout: 5_000, interval: 10 }).toBe(version)
}
/** Shard 31, at rest in a zone. */
async function settle(zone: 'bj' | 'sh') {
  const { version } = ground.gzs.change(31, { zone, state: 'ACTIVE' })
  Object.assign(ground.fence, { zone, state: 'ACTIVE', epoch: version })
  await seen(version)
}

/** What a mover does, step by step: the table first, then the fence, which is what counts. */
async function move(to: 'bj' | 'sh', pauseMs: number) {
  const { version: frozen } = ground.gzs.change(31, { state: 'FROZEN' })
  await sleep(pauseMs)
  Object.assign(ground.fence, { state: 'FROZEN', epoch: frozen })
  ground.gzs.change(31, { state: 'DRAINING' })
  await sleep(pauseMs)
  const epoch = ground.gzs.table.version + 1
  Object.assign(ground.fence, { zone: to, state: 'ACTIVE', epoch })
  await sleep(pauseMs / 4)
  ground.gzs.change(31, { zone: to, state: 'ACTIVE' })
}

describe('a shard that moves', () => {
  it('costs its clients waiting and no error, under load, to and fro ten times', async () => {
    const before = await stats()
    const answers: Promise<Awaited<ReturnType<typeof ask>>>[] = []
    let moving = true
    const load = (async () => {
      while (moving) {
        answers.push(ask('POST'))
        await sleep(5)
      }
    })()
    for (let i = 0; i < 10; i++) {
      await move(i % 2 === 0 ? 'bj' : 'sh', 40)
      await sleep(50)
    }
    moving = false
    await load
    const all = await Promise.all(answers)
    expect(all.filter(({ status }) => status !== 201)).toEqual([])
    // Each was done by the zone that the header names, and no request twice.
    expect(all.filter((one) => one.zone !== parseRoute(one.headers.get('x-ezone'))?.zone)).toEqual([])
    const done = ground.zones.bj.received.length + ground.zones.sh.received.length
    expect(done).toBe(all.length)
    const held = all.map(({ headers }) => Number(headers.get('x-ezone-held') ?? 0))
    const { holds } = await stats()
    expect(holds).toMatchObject({ now: 0, inVain: before.holds.inVain })
    expect(holds.longestMs).toBeGreaterThanOrEqual(Math.max(...held))
    expect(Math.max(...held)).toBeGreaterThanOrEqual(80)
    expect(Math.max(...held)).toBeLessThan(1_000)
  })

  it('lets its reads through to the zone it is leaving', async () => {
    const { version } = ground.gzs.change(31, { state: 'FROZEN' })
    await seen(version)
    expect(await ask('GET')).toMatchObject({ status: 200, zone: 'sh' })
  })

  it.each(['FROZEN', 'DRAINING', 'TAKEOVER'] as const)(
    'and stays %s holds its writes for 2 s and then refuses them, nothing done',
    async (state) => {
      const { version } = ground.gzs.change(31, { state })
      await seen(version)
      const received = ground.zones.sh.received.length
      const begin = systemClock.monotonicMs()
      const answer = await ask('POST')
      const ms = systemClock.monotonicMs() - begin
      expect([answer.status, answer.error?.code]).toEqual([503, 'EZ_SHARD_FROZEN'])
      expect(answer.headers.get('x-ezone-outcome')).toBe('none')
      expect(ground.zones.sh.received.length).toBe(received)
      expect(ms).toBeGreaterThan(1_900)
      expect(ms).toBeLessThan(3_000)
    },
  )

  it('holds nobody longer than the client itself waits', async () => {
    const { version } = ground.gzs.change(31, { state: 'FROZEN' })
    await seen(version)
    const begin = systemClock.monotonicMs()
    expect((await ask('POST', { 'x-ezone-deadline': '200' })).error?.code).toBe('EZ_SHARD_FROZEN')
    expect(systemClock.monotonicMs() - begin).toBeLessThan(1_500)
  })

  it('holds at most 400 requests, tells the others at once, and does not stop the other shard', async () => {
    const { version } = ground.gzs.change(31, { state: 'FROZEN' })
    await seen(version)
    const before = (await stats()).holds.inVain
    const waiting = Array.from({ length: 450 }, () => ask('POST'))
    const first = await Promise.race(waiting)
    expect(first.error?.code).toBe('EZ_SHARD_FROZEN')
    await expect.poll(async () => (await stats()).holds.inVain - before).toBe(50)
    expect((await stats()).holds.now).toBe(400)
    const beijing = await ask('POST', { 'x-ezone-tag': 'geo=39.90,116.40' })
    expect([beijing.status, beijing.zone]).toEqual([201, 'bj'])
    await settle('bj')
    const answers = await Promise.all(waiting)
    expect(answers.filter(({ status }) => status === 201).length).toBe(400)
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ zone }) => zone))).toEqual(new Set(['bj']))
  })

  it('forgets a client that left while it waited', async () => {
    const { version } = ground.gzs.change(31, { state: 'FROZEN' })
    await seen(version)
    const gone = AbortSignal.timeout(100)
    await expect(fetch(`${router.url}/orders`, { method: 'POST', headers: shanghai, signal: gone })).rejects.toThrow()
    await expect.poll(async () => (await stats()).holds.now).toBe(0)
    const received = ground.zones.bj.received.length
    await settle('bj')
    expect(ground.zones.bj.received.length).toBe(received)
  })
})

describe('a zone that knows of a move before the router does', () => {
  it('refuses, nothing done, and the request waits for the table that says where it goes', async () => {
    Object.assign(ground.fence, { zone: 'bj', epoch: ground.gzs.table.version + 1 })
    const asked = ask('POST')
    await sleep(150)
    ground.gzs.change(31, { zone: 'bj', state: 'ACTIVE' })
    expect(await asked).toMatchObject({ status: 201, zone: 'bj' })
  })

  it('is asked again where no new table comes, and its last word is the answer', async () => {
    let asked = 0
    ground.zones.sh.answer = (_, response) => {
      asked++
      response.writeHead(503).end(JSON.stringify({ error: { code: 'EZ_SHARD_FROZEN', message: 'frozen' } }))
    }
    const answer = await ask('POST')
    expect([answer.status, answer.error?.code]).toEqual([503, 'EZ_SHARD_FROZEN'])
    expect(asked).toBeGreaterThan(3)
    expect(asked).toBeLessThan(20)
  })

  it('is asked once where it refuses for another reason', async () => {
    let asked = 0
    ground.zones.sh.answer = (_, response) => {
      asked++
      response.writeHead(423).end(JSON.stringify({ error: { code: 'EZ_ORDER_LOCKED', message: 'locked' } }))
    }
    expect((await ask('POST')).error?.code).toBe('EZ_ORDER_LOCKED')
    expect(asked).toBe(1)
  })
})

describe('an acknowledged write', () => {
  const acknowledged = async (sinceMs: number, shard = 31) => {
    const query = new URLSearchParams({ shard: String(shard), sinceMs: String(sinceMs) })
    return acknowledgedSchema.parse(await (await fetch(`${router.url}/acknowledged?${query}`)).json())
  }

  it('is remembered with the version its zone gave it; reads and refusals are not', async () => {
    const sinceMs = Math.floor(systemClock.nowMs())
    const { headers } = await ask('POST')
    await ask('GET')
    ground.zones.sh.answer = (_, response) =>
      response.writeHead(409, { 'x-ezone-version': '127913961550135296:7' }).end()
    await ask('POST').catch(() => {})
    const { complete, orders } = await acknowledged(sinceMs)
    const [orderId, version] = (headers.get('x-ezone-version') ?? '').split(':')
    expect(complete).toBe(true)
    expect(orders).toMatchObject([{ orderId, version, shard: 31, zone: 'sh' }])
    expect((await acknowledged(sinceMs, 11)).orders).toEqual([])
  })

  it.each(['', '?shard=31', '?shard=x&sinceMs=1', '?shard=31&sinceMs=-1'])(
    'is not asked for with %j',
    async (query) => {
      expect((await fetch(`${router.url}/acknowledged${query}`)).status).toBe(400)
    },
  )
})

import { setTimeout as sleep } from 'node:timers/promises'
import { type InternalTag, type Order, packId, parsePath, parseRoute, proxyStatsSchema, signTag } from '@ezone/sdk'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'

let platform: PlatformGround
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 57, sh: 58, edge: 59 })
  await platform.startAll(['gzs', 'lease-keeper', 'router', 'orders', 'soa-proxy', 'legacy'])
  await vi.waitFor(async () => {
    for (const zone of ['bj', 'sh']) expect((await services(zone)).services).toHaveProperty('orders')
    expect((await services('bj')).services).toHaveProperty('legacy')
  }, soon)
})
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
})

const soon = { timeout: 20_000, interval: 50 }
const shanghai = 'geo=31.23,121.47'
const beijing = 'geo=39.90,116.40'
type Place = 'bj' | 'sh'

interface Answered extends Partial<Order> {
  readonly error?: { readonly code: string; readonly message: string }
  readonly said?: unknown
  readonly hops?: number
}

async function call(from: string, path: string, headers: Record<string, string> = {}, body?: unknown) {
  const response = await fetch(`${platform.program(from, 'soa-proxy').url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const way = parsePath(response.headers.get('x-ezone-path'))?.map(({ name, place }) => `${name}@${place}`)
  return { status: response.status, way, headers: response.headers, body: (await response.json()) as Answered }
}
const services = async (zone: string) => (await call(zone, '/services')).body as unknown as { services: object }
const stats = async (zone: Place) =>
  proxyStatsSchema.parse(await (await fetch(`${platform.program(zone, 'soa-proxy').url}/stats`)).json())
const signed = async (tag: Partial<InternalTag>) => {
  const whole = {
    shard: 31,
    cell: 1,
    zone: 'sh',
    epoch: 1,
    hops: 1,
    leftMs: 5_000,
  }
  return { 'x-ezone-internal': signTag({ ...whole, ...tag }, (await platform.config('bj', 'soa-proxy')).secret) }
}

describe('a call to a multi-active service', () => {
  it('is answered in the zone of its shard, through the proxy of that zone where it is another', async () => {
    const here = await call('sh', '/orders/orders', { 'x-ezone-tag': shanghai }, { amountFen: 5 })
    expect([here.status, here.body.zone, here.way]).toEqual([201, 'sh', ['soa-proxy@sh', 'orders@sh']])
    const there = await call('bj', '/orders/orders', { 'x-ezone-tag': shanghai }, { amountFen: 7 })
    expect([there.status, there.body.zone]).toEqual([201, 'sh'])
    expect(there.way).toEqual(['soa-proxy@bj', 'soa-proxy@sh', 'orders@sh'])
    expect(parseRoute(there.headers.get('x-ezone'))).toMatchObject({ zone: 'sh', shard: 31, rule: 'geo' })

    const id = there.body.orderId ?? ''
    const found = await call('bj', `/orders/orders/${id}`, { 'x-ezone-tag': `order=${id}` })
    expect([found.status, found.body.amountFen, found.body.zone]).toEqual([200, 7, 'sh'])
    expect((await platform.query('bj', `SELECT 1 FROM delivery.orders WHERE order_id = ${id}`)).length).toBe(0)
  })

  it('that is part of another goes where that one belongs, under its deadline', async () => {
    const answer = await call('sh', '/orders/orders', await signed({}), {})
    expect([answer.status, answer.body.zone, answer.way]).toEqual([201, 'sh', ['soa-proxy@sh', 'orders@sh']])
    const late = await call('sh', '/orders/orders', await signed({ leftMs: 1 }), {})
    expect([late.status, late.body.error?.code]).toEqual([504, 'EZ_DEADLINE_PASSED'])
  })

  it('that says nothing of where it belongs goes by the fallback, and is counted', async () => {
    const before = await stats('sh')
    const answer = await call('sh', '/orders/orders', {}, {})
    expect([answer.status, answer.body.zone]).toEqual([201, 'bj'])
    expect((await stats('sh')).fallback).toBe(before.fallback + 1)
  })
})

describe('the second crossing', () => {
  it('is refused as 508, nothing done, and counted', async () => {
    const before = await stats('sh')
    // A service of sh that was reached from another zone asks about something of Beijing.
    const answer = await call('sh', '/orders/orders', { ...(await signed({ hops: 2 })), 'x-ezone-tag': beijing }, {})
    expect([answer.status, answer.body.error?.code]).toEqual([508, 'EZ_TOO_MANY_HOPS'])
    expect(answer.headers.get('x-ezone-outcome')).toBe('none')
    expect((await stats('sh')).tooManyHops).toBe(before.tooManyHops + 1)
    // What stays in the zone it may ask all the same.
    const own = await call('sh', '/orders/orders', { ...(await signed({ hops: 2 })), 'x-ezone-tag': shanghai }, {})
    expect([own.status, own.body.zone]).toEqual([201, 'sh'])
  })

  it('cannot be hidden: who forges the count, or leaves it out, is not believed', async () => {
    const [, payload = '', mac] = ((await signed({ hops: 2 }))['x-ezone-internal'] ?? '').split('.')
    const lower = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('"hops":2', '"hops":0')).toString(
      'base64url',
    )
    const headers = { 'x-ezone-internal': `v1.${lower}.${mac}`, 'x-ezone-tag': beijing }
    const answer = await call('sh', '/orders/orders', headers, {})
    expect([answer.status, answer.body.error?.code]).toEqual([403, 'EZ_UNTRUSTED_TAG'])
  })
})

describe('a service that is not multi-active', () => {
  it('is reached in its home zone from everywhere', async () => {
    const home = await call('bj', '/legacy/echo', {}, { text: 'hello' })
    expect(home.body).toMatchObject({ zone: 'bj', said: { text: 'hello' }, hops: 1 })
    expect(home.way).toEqual(['soa-proxy@bj', 'legacy@bj'])
    const away = await call('sh', '/legacy/echo', { 'x-ezone-tag': shanghai }, { text: 'hello' })
    expect(away.body).toMatchObject({ zone: 'bj', said: { text: 'hello' }, hops: 2 })
    expect(away.way).toEqual(['soa-proxy@sh', 'soa-proxy@bj', 'legacy@bj'])
  })

  it('is never dialled from another zone: only the proxy of its zone reaches it', async () => {
    const { peers } = await platform.config('sh', 'soa-proxy')
    expect(Object.keys(peers).sort()).toEqual(['gzs', 'soa-proxy'])
    const registered = (await call('sh', '/services')).body as unknown as { services: Record<string, unknown> }
    expect(Object.keys(registered.services)).not.toContain('legacy')
  })

  it('that is down is told as such, nothing done, and is found again once it is back', async () => {
    await platform.program('bj', 'legacy').kill()
    const answer = await call('sh', '/legacy/echo')
    expect([answer.status, answer.body.error?.code]).toEqual([503, 'EZ_ZONE_UNREACHABLE'])
    expect(answer.way).toEqual(['soa-proxy@sh', 'soa-proxy@bj'])
    await platform.start('bj', 'legacy')
    await expect.poll(async () => (await call('sh', '/legacy/echo')).status, soon).toBe(200)
  })
})

describe('a request to /services/<name> at the router', () => {
  const enter = async (path: string, headers: Record<string, string>, body?: unknown) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const response = await fetch(`${platform.program('edge', 'router').url}/services${path}`, { headers, ...init })
    const route = parseRoute(response.headers.get('x-ezone'))
    return { status: response.status, headers: response.headers, route, body: (await response.json()) as Answered }
  }

  it.each([
    [shanghai, 'sh'],
    [beijing, 'bj'],
  ])('with the tag %s goes to the proxy of %s, which finds the service by its name', async (tag, zone) => {
    const placed = await enter('/orders/orders', { 'x-ezone-tag': tag }, { amountFen: 3 })
    expect([placed.status, placed.body.zone, placed.route?.zone]).toEqual([201, zone, zone])
    const id = placed.body.orderId ?? ''
    const found = await enter(`/orders/orders/${id}?x=1`, { 'x-ezone-tag': `order=${id}` })
    expect([found.status, found.body.amountFen]).toEqual([200, 3])
  })

  it('enters a zone once: what lives elsewhere is one crossing away, within the hops that a call has', async () => {
    const answer = await enter('/legacy/echo', { 'x-ezone-tag': shanghai }, { text: 'hello' })
    expect([answer.status, answer.route?.zone, answer.body.hops]).toEqual([200, 'sh', 2])
  })

  it('believes no client: what is signed, and by whom, the router decides', async () => {
    const forged = { ...(await signed({ zone: 'bj', hops: 1 })), 'x-ezone-tag': shanghai }
    expect((await enter('/orders/orders', forged, {})).body.zone).toBe('sh')
    const late = await enter('/orders/orders', { 'x-ezone-tag': shanghai, 'x-ezone-deadline': '1' }, {})
    expect([late.status, late.body.error?.code]).toEqual([504, 'EZ_DEADLINE_PASSED'])
  })

  it('for a service that no zone has says so, nothing done', async () => {
    const answer = await enter('/nobody/x', { 'x-ezone-tag': shanghai }, {})
    expect([answer.status, answer.body.error?.code]).toEqual([404, 'EZ_UNKNOWN_SERVICE'])
    expect(answer.headers.get('x-ezone-outcome')).toBe('none')
  })
})

describe('what nobody can answer', () => {
  it.each([
    ['/nobody/x', 404, 'EZ_UNKNOWN_SERVICE'],
    ['/', 404, 'EZ_UNKNOWN_SERVICE'],
    ['/Orders/orders', 404, 'EZ_UNKNOWN_SERVICE'],
    ['/orders/nowhere', 404, 'EZ_BAD_REQUEST'],
  ])('%s is refused with its code', async (path, status, code) => {
    const answer = await call('bj', path, { 'x-ezone-tag': beijing })
    expect([answer.status, answer.body.error?.code]).toEqual([status, code])
  })
})

describe('when something of a zone is gone', () => {
  it('its ZooKeeper: calls go on to those known before, and a restart brings no gap', async () => {
    await platform.stopStore('sh/zookeeper', 'kill')
    onTestFinished(async () => void (await platform.startStores('sh/zookeeper')))
    for (let i = 0; i < 5; i++) {
      const { status, body } = await call('sh', '/orders/orders', { 'x-ezone-tag': shanghai }, {})
      expect([status, body.zone]).toEqual([201, 'sh'])
    }
    await platform.startStores('sh/zookeeper')
    for (let i = 0; i < 20; i++) {
      const { status } = await call('bj', '/orders/orders', { 'x-ezone-tag': shanghai }, {})
      expect(status).toBe(201)
      await sleep(100)
    }
  })

  it('its SOA proxy: others are told that the zone cannot be reached, nothing done', async () => {
    await platform.program('sh', 'soa-proxy').kill()
    onTestFinished(async () => void (await platform.start('sh', 'soa-proxy')))
    const answer = await call('bj', '/orders/orders', { 'x-ezone-tag': shanghai }, {})
    expect([answer.status, answer.body.error?.code, answer.headers.get('x-ezone-outcome')]).toEqual([
      503,
      'EZ_ZONE_UNREACHABLE',
      'none',
    ])
    expect((await call('bj', '/orders/orders', { 'x-ezone-tag': beijing }, {})).status).toBe(201)
  })

  it('a service that ends leaves the register before it stops to serve', async () => {
    const orders = platform.program('sh', 'orders')
    const ended = orders.end()
    const left = await call('sh', '/orders/orders', { 'x-ezone-tag': shanghai }, {})
    expect([201, 503], JSON.stringify(left.body)).toContain(left.status)
    await ended
    await expect
      .poll(async () => JSON.stringify((await services('sh')).services), soon)
      .toContain('"orders":{"class":"multi-active","instances":0}')
    await platform.start('sh', 'orders')
    await expect
      .poll(async () => (await call('sh', '/orders/orders', { 'x-ezone-tag': shanghai }, {})).status, soon)
      .toBe(201)
  })
})

it('a call finds an order of any zone by its id, from any zone', async () => {
  const placed = await Promise.all(
    [shanghai, beijing].map((tag) => call('bj', '/orders/orders', { 'x-ezone-tag': tag }, {})),
  )
  for (const { body } of placed)
    for (const from of ['bj', 'sh']) {
      const id = body.orderId ?? ''
      expect((await call(from, `/orders/orders/${id}`, { 'x-ezone-tag': `order=${id}` })).body.orderId).toBe(id)
    }
  const nobody = packId({ seconds: 9, cell: 1, zone: 2, writer: 0, sequence: 0 })
  const missing = await call('bj', `/orders/orders/${nobody}`, { 'x-ezone-tag': `order=${nobody}` })
  expect([missing.status, missing.body.error?.code]).toEqual([404, 'EZ_UNKNOWN_ORDER'])
})

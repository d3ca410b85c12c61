import { type Order, packId, parseRoute, routerStatsSchema, signTag, unpackId } from '@ezone/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'

let platform: PlatformGround
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 160, sh: 161, edge: 162 })
  await platform.startAll()
})
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
})

const shanghai = 'geo=31.23,121.47'
const beijing = 'geo=39.90,116.40'

async function post(url: string, headers: Record<string, string>, body: unknown = {}) {
  const response = await fetch(`${url}/orders`, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Order & Failure }
}
interface Failure {
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string; readonly docs: string }
}

const router = () => platform.program('edge', 'router').url
const orders = (zone: string) => platform.program(zone, 'orders').url
const place = (tag: string, more: Record<string, string> = {}, body: unknown = {}) =>
  post(router(), { 'x-ezone-tag': tag, ...more }, body)
const rowsOf = async (zone: string, orderId: string) =>
  (await platform.query(zone, `SELECT * FROM delivery.orders WHERE order_id = ${BigInt(orderId)}`)).length
const countIn = async (zone: string) =>
  Number((await platform.query(zone, 'SELECT COUNT(*) AS n FROM delivery.orders'))[0]?.n)
const stats = async () => routerStatsSchema.parse(await (await fetch(`${router()}/stats`)).json())
const tagFor = async (zone: string) =>
  signTag(
    { shard: 31, cell: 1, zone, epoch: 1, hops: 1, leftMs: 5_000 },
    (await platform.config(zone, 'orders')).secret,
  )

describe('an order', () => {
  it.each([
    [shanghai, 'sh', 'bj', 31],
    [beijing, 'bj', 'sh', 11],
  ])('with %s is in the MySQL of %s, and in no other', async (tag, zone, other, shard) => {
    const { status, headers, body } = await place(tag)
    expect(status).toBe(201)
    expect(body).toMatchObject({ zone, shard, epoch: 1, state: 'created' })
    expect(parseRoute(headers.get('x-ezone'))).toEqual({ zone, shard, epoch: 1, rule: 'geo' })
    expect([await rowsOf(zone, body.orderId), await rowsOf(other, body.orderId)]).toEqual([1, 0])
  })

  it('carries its cell and the number of the zone that made it', async () => {
    const { body } = await place(shanghai)
    expect(unpackId(BigInt(body.orderId))).toMatchObject({ cell: 1, zone: 2, writer: 0 })
  })

  it('is found again by its id alone, with all that was said of it', async () => {
    const userId = String(packId({ seconds: 9, cell: 2, zone: 1, writer: 0, sequence: 0 }))
    const { body: placed } = await place(shanghai, {}, { userId, amountFen: 2590 })
    const response = await fetch(`${router()}/orders/${placed.orderId}`)
    expect(parseRoute(response.headers.get('x-ezone'))).toMatchObject({ zone: 'sh', rule: 'order' })
    expect(await response.json()).toEqual({ ...placed, userId, shopId: null, amountFen: 2590 })
  })

  it('of a shop in Shanghai stays in Shanghai, whatever place it is ordered from', async () => {
    const shop = packId({ seconds: 9, cell: 1, zone: 2, writer: 0, sequence: 0 })
    const { headers, body } = await place(`${beijing}; shop=${shop}`)
    expect(body.zone).toBe('sh')
    expect(parseRoute(headers.get('x-ezone'))?.rule).toBe('shop')
  })

  it('without any tag goes by the fallback, and is counted', async () => {
    const before = await stats()
    const { headers, body } = await post(router(), {})
    expect(body).toMatchObject({ zone: 'bj', shard: 11 })
    expect(parseRoute(headers.get('x-ezone'))?.rule).toBe('fallback')
    expect((await stats()).fallback).toBe(before.fallback + 1)
  })

  it('that is sent again under its key is the same order, also when ten are sent at once', async () => {
    const key = { 'idempotency-key': 'a-key-of-mine' }
    const answers = await Promise.all(Array.from({ length: 10 }, () => place(shanghai, key, { amountFen: 100 })))
    expect(new Set(answers.map((a) => a.body.orderId)).size).toBe(1)
    expect(answers.map((a) => a.status).sort()).toEqual([...Array(9).fill(200), 201])
    const other = await place(shanghai, key, { amountFen: 999 })
    expect([other.status, other.body.error?.code]).toEqual([400, 'EZ_BAD_ORDER'])
  })

  it.each([
    ['an unknown tag', { 'x-ezone-tag': 'shard=31' }, {}, 400, 'EZ_BAD_TAG'],
    ['a position far outside', { 'x-ezone-tag': 'geo=40.7,-74.0' }, {}, 404, 'EZ_NO_ROUTE'],
    ['an amount that is none', { 'x-ezone-tag': shanghai }, { amountFen: -1 }, 400, 'EZ_BAD_ORDER'],
    ['a field nobody knows', { 'x-ezone-tag': shanghai }, { colour: 'red' }, 400, 'EZ_BAD_ORDER'],
    ['a key with a space', { 'x-ezone-tag': shanghai, 'idempotency-key': 'a b' }, {}, 400, 'EZ_BAD_REQUEST'],
  ])('with %s is refused with its code', async (_, headers, body, status, code) => {
    const answer = await post(router(), headers as Record<string, string>, body)
    expect([answer.status, answer.body.error?.code]).toEqual([status, code])
    expect(answer.body.error?.hint).not.toBe('')
    expect(answer.body.error?.docs).toBe(`docs/errors.md#${code.toLowerCase()}`)
  })

  it('that nobody placed is not found, and says which zone was asked', async () => {
    const id = packId({ seconds: 9, cell: 1, zone: 2, writer: 0, sequence: 0 })
    const response = await fetch(`${router()}/orders/${id}`)
    expect([response.status, ((await response.json()) as Failure).error?.code]).toEqual([404, 'EZ_UNKNOWN_ORDER'])
    expect(parseRoute(response.headers.get('x-ezone'))?.zone).toBe('sh')
  })
})

describe('what a client forges', () => {
  it('never reaches a zone: the router strips every internal header and decides by itself', async () => {
    const forged = { 'x-ezone-internal': await tagFor('bj'), 'x-ezone-shard': '11', 'x-ezone': 'bj; shard=11' }
    const { body } = await place(shanghai, forged)
    expect(body).toMatchObject({ zone: 'sh', shard: 31 })
  })

  it.each([
    ['without a tag', async () => ({}), 403, 'EZ_UNTRUSTED_TAG'],
    [
      'with a tag of another secret',
      async () => ({
        'x-ezone-internal': signTag(
          { shard: 31, cell: 1, zone: 'sh', epoch: 1, hops: 1, leftMs: 5_000 },
          'x'.repeat(32),
        ),
      }),
      403,
      'EZ_UNTRUSTED_TAG',
    ],
    [
      'with a tag for another zone',
      async () => ({ 'x-ezone-internal': await tagFor('bj') }),
      421,
      'EZ_WRONG_ZONE_WRITE',
    ],
  ])('is refused by the zone %s, and its database is as before', async (_, headers, status, code) => {
    const before = await countIn('sh')
    const answer = await post(orders('sh'), await headers())
    expect([answer.status, answer.body.error?.code]).toEqual([status, code])
    expect(await countIn('sh')).toBe(before)
  })
})

describe('GET /explain', () => {
  it('says where a tag leads, without going there', async () => {
    const before = await countIn('sh')
    const explained = await (await fetch(`${router()}/explain?loc=31.23,121.47`)).json()
    expect(explained).toEqual({
      tag: 'geo=31.23,121.47',
      shard: 31,
      zone: 'sh',
      epoch: 1,
      rule: 'geo',
      cell: 1,
      candidates: [{ shard: 31, name: 'Shanghai', zone: 'sh', distanceKm: 0 }],
    })
    expect(await countIn('sh')).toBe(before)
  })

  it('explains the fallback where there is no tag', async () => {
    expect(await (await fetch(`${router()}/explain`)).json()).toMatchObject({ tag: null, rule: 'fallback', shard: 11 })
  })
})

describe('the stats of a router', () => {
  it('count what it routed, per zone and lately; probes and questions do not count', async () => {
    const before = await stats()
    await place(shanghai)
    await fetch(`${router()}/healthz`)
    await fetch(`${router()}/explain`)
    const after = await stats()
    expect(after.requests).toBe(before.requests + 1)
    expect(after.perZone.sh).toBe((before.perZone.sh ?? 0) + 1)
    expect(after.recentRequests).toBeGreaterThan(0)
    expect(after.table).toMatchObject({ version: 1, from: 'gzs' })
  })
})

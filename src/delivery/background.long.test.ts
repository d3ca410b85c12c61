import { setTimeout as sleep } from 'node:timers/promises'
import { orderEventsTopic } from '@ezone/sdk'
import { Consumer, stringDeserializers } from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OrdersGround } from '../../testbed/testing/orders-ground.ts'

let ground: OrdersGround
beforeAll(async () => {
  ground = await OrdersGround.make({ sh: 70, edge: 71 })
  await ground.own(31, 'sh')
  await ground.own(32, 'bj')
  await ground.start('sh')
})
afterAll(async () => {
  await ground?.[Symbol.asyncDispose]()
})

const service = () => ground.platform.program('sh', 'orders')
const accepted = () => ground.orderIn('sh', ['paid', 'accepted'])
const query = (sql: string) => ground.platform.query('sh', sql)

/** Waits until an order is in a state; a test that never gets there fails with the state it stopped in. */
async function until(orderId: string, state: string): Promise<void> {
  let last: unknown
  for (let i = 0; i < 150; i++) {
    last = (await query(`SELECT state FROM delivery.orders WHERE order_id = ${orderId}`))[0]?.state
    if (last === state) return
    await sleep(100)
  }
  expect(last).toBe(state)
}

const riderOf = async (orderId: string) =>
  (await query(`SELECT rider_id FROM delivery.orders WHERE order_id = ${orderId}`))[0]?.rider_id

describe('dispatch', () => {
  it('brings an accepted order and the nearest free rider together', async () => {
    const rider = async (lat: number) =>
      (await ground.ask('sh', 'POST', '/riders', { body: { name: 'r', lat, lng: 121.47 } })).body.riderId
    await rider(31.4)
    const near = await rider(31.24)
    const shop = await ground.ask('sh', 'POST', '/merchants', { body: { name: 's', lat: 31.24, lng: 121.47 } })
    const { body } = await ground.ask('sh', 'POST', '/orders', { body: { shopId: shop.body.merchantId } })
    const orderId = String(body.orderId)
    for (const to of ['paid', 'accepted'])
      await ground.ask('sh', 'POST', `/orders/${orderId}/advance`, { body: { to } })
    await until(orderId, 'assigned')
    expect(await riderOf(orderId)).toBe(near)
    await query(`DELETE FROM delivery.riders`)
  })

  it('goes by where a rider is now, not by where it registered', async () => {
    const [here, there] = [await ground.riderIn('sh'), await ground.riderIn('sh')]
    // The order has no shop: it is fetched at the centre of the city.
    const faraway = { lat: 30.9, lng: 121.2, atMs: 1 }
    expect((await ground.ask('sh', 'POST', `/riders/${here}/position`, { body: faraway })).body).toEqual({
      fate: 'taken',
    })
    const orderId = await accepted()
    await until(orderId, 'assigned')
    expect(await riderOf(orderId)).toBe(there)
    await query(`DELETE FROM delivery.riders`)
  })

  it('finds the backlog after kill -9, also an order whose event was never sent', async () => {
    await ground.platform.stopStore('sh/kafka', 'kill')
    const orders = await Promise.all(Array.from({ length: 5 }, accepted))
    await service().kill()
    await ground.start('sh')
    for (const _ of orders) await ground.riderIn('sh')
    for (const orderId of orders) await until(orderId, 'assigned')
    expect(new Set(await Promise.all(orders.map(riderOf))).size).toBe(5)
    await ground.platform.startStores('sh/kafka')
    await query(`DELETE FROM delivery.riders`)
  })

  it('leaves alone what belongs to another zone, and takes it up when its shard comes here', async () => {
    await ground.own(33, 'sh', 2)
    const tag = { shard: 33, epoch: 2, cell: 33 }
    const orderId = await ground.orderIn('sh', ['paid', 'accepted'], { tag })
    await ground.own(33, 'bj', 4)
    await query(
      `INSERT INTO delivery.riders (rider_id, shard, epoch, cell, zone, name, lat, lng, state, since)
        VALUES (77, 33, 2, 33, 'sh', 'r', 31, 121, 'free', NOW(3))`,
    )
    await sleep(3_000)
    expect((await query(`SELECT state FROM delivery.orders WHERE order_id = ${orderId}`))[0]?.state).toBe('accepted')
    await ground.own(33, 'sh', 6)
    await until(orderId, 'assigned')
    const [row] = await query(`SELECT epoch, rider_id FROM delivery.orders WHERE order_id = ${orderId}`)
    expect(row).toMatchObject({ epoch: '6', rider_id: '77' })
    await query(`DELETE FROM delivery.riders`)
  })

  it('by two instances at once gives no rider two orders', async () => {
    const other = await ground.startAnother('sh')
    const orders = await Promise.all(Array.from({ length: 20 }, accepted))
    await Promise.all(Array.from({ length: 12 }, () => ground.riderIn('sh')))
    const assigned = () =>
      query(`SELECT rider_id FROM delivery.orders WHERE state = 'assigned' AND order_id IN (${orders.join(', ')})`)
    await expect.poll(async () => (await assigned()).length, { timeout: 20_000, interval: 100 }).toBe(12)
    // Two more rounds of both: the eight that wait shall find nobody.
    await sleep(2_500)
    const rows = await assigned()
    expect([rows.length, new Set(rows.map((row) => row.rider_id)).size]).toEqual([12, 12])
    const [busy] = await query(
      "SELECT COUNT(*) AS n, COUNT(DISTINCT order_id) AS orders FROM delivery.riders WHERE state = 'busy'",
    )
    expect(busy).toMatchObject({ n: '12', orders: '12' })
    await other.end()
    await query(`DELETE FROM delivery.riders`)
  })
})

describe('the job for unpaid orders', () => {
  it('cancels each once, with two instances at work; what was paid in time goes on', async () => {
    const other = await ground.startAnother('sh')
    const before = await metrics(service().url, 'cancelled')
    const place = async () =>
      String((await ground.ask('sh', 'POST', '/orders', { body: { payWithinS: 2 } })).body.orderId)
    const orders = await Promise.all(Array.from({ length: 20 }, place))
    const paid = await place()
    await ground.ask('sh', 'POST', `/orders/${paid}/advance`, { body: { to: 'paid' } })
    for (const orderId of orders) await until(orderId, 'cancelled')
    const cancelled = async () =>
      (await metrics(service().url, 'cancelled')) + (await metrics(other.url, 'cancelled')) - before
    // It counts what it has done after its commit was answered.
    await expect.poll(cancelled, { timeout: 10_000, interval: 100 }).toBe(20)
    await sleep(1_500)
    expect(await cancelled()).toBe(20)
    expect(await ground.state('sh', paid)).toBe('paid')
    await other.end()
  })

  it('leaves alone what belongs to another zone', async () => {
    await ground.own(34, 'sh', 2)
    const tag = { shard: 34, epoch: 2 }
    const { body } = await ground.ask('sh', 'POST', '/orders', { tag, body: { payWithinS: 1 } })
    await ground.own(34, 'bj', 4)
    await sleep(3_000)
    expect(await ground.state('sh', String(body.orderId))).toBe('created')
    await ground.own(34, 'sh', 6)
    await until(String(body.orderId), 'cancelled')
  })
})

/** What a service says it has done by itself. */
async function metrics(url: string, outcome: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const line = text
    .split('\n')
    .find((one) => one.startsWith('ezone_orders_unpaid_total{') && one.includes(`"${outcome}"`))
  return Number(line?.split(' ').at(-1) ?? 0)
}

describe('events of an order on Kafka', () => {
  it('come after each change, in its order, with zone, shard, epoch and the trace of the request', async () => {
    const [door] = ground.platform.ground.spec('sh/kafka', 'kafka').ports
    const consumer = new Consumer({
      clientId: 'test',
      groupId: 'test',
      bootstrapBrokers: [{ host: door?.host.host ?? '', port: door?.host.port ?? 0 }],
      deserializers: stringDeserializers,
      autocommit: false,
    })
    const traceId = 'a'.repeat(32)
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
    const orderId = await ground.orderIn('sh', ['paid', 'cancelled'], { headers })
    const stream = await consumer.consume({ topics: [orderEventsTopic], mode: 'earliest' })
    const events: { state: string; headers: Record<string, string> }[] = []
    for await (const { key, value, headers: told } of stream) {
      if (key !== orderId) continue
      events.push({ state: JSON.parse(value).state, headers: Object.fromEntries(told) })
      if (events.length === 3) break
    }
    await consumer.close(true)
    expect(events.map(({ state }) => state)).toEqual(['created', 'paid', 'cancelled'])
    for (const { headers: told } of events) {
      expect(told).toMatchObject({ zone: 'sh', shard: '31', epoch: '1' })
      expect(told.traceparent).toMatch(new RegExp(`^00-${traceId}-`))
    }
    const [row] = await query(`SELECT trace_id FROM delivery.orders WHERE order_id = ${orderId}`)
    expect(row?.trace_id).toBe(traceId)
  })
})

import { orderMoves, packId } from '@ezone/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OrdersGround } from '../../../testbed/testing/orders-ground.ts'

let ground: OrdersGround
beforeAll(async () => {
  ground = await OrdersGround.make({ sh: 70, edge: 71 })
  await ground.own(31, 'sh')
  await ground.own(32, 'sh', 7)
  await ground.start('sh')
})
afterAll(async () => {
  await ground?.[Symbol.asyncDispose]()
})

const ask: OrdersGround['ask'] = (...args) => ground.ask(...args)
const place = (headers = {}, body = {}) => ask('sh', 'POST', '/orders', { headers, body })
const advance = (orderId: unknown, body: object, headers = {}) =>
  ask('sh', 'POST', `/orders/${orderId}/advance`, { body, headers })
const codeOf = ({ status, body }: Awaited<ReturnType<typeof place>>) => [status, body.error?.code]
const row = async (orderId: unknown) =>
  (await ground.platform.query('sh', `SELECT *, drc_ver FROM delivery.orders WHERE order_id = ${orderId}`))[0]
const rows = async (table: string) =>
  Number((await ground.platform.query('sh', `SELECT COUNT(*) AS n FROM delivery.${table}`))[0]?.n)

describe('the life of an order, over HTTP', () => {
  it('goes from created to delivered, with the time of each state, and each answer names a greater version', async () => {
    const riderId = await ground.riderIn('sh')
    const placed = await place({}, { amountFen: 2590 })
    expect(placed).toMatchObject({ status: 201, body: { state: 'created', zone: 'sh', shard: 31, epoch: 1, cell: 1 } })
    const { orderId } = placed.body
    const versions = [placed.version]
    for (const body of [
      { to: 'paid' },
      { to: 'accepted' },
      { to: 'assigned', riderId },
      { to: 'pickedUp' },
      { to: 'delivered' },
    ]) {
      const moved = await advance(orderId, body)
      expect(moved).toMatchObject({ status: 200, body: { state: body.to, amountFen: 2590 } })
      versions.push(moved.version)
    }
    const shown = await ask('sh', 'GET', `/orders/${orderId}`)
    expect(shown.body).toMatchObject({ state: 'delivered', riderId, cancelledAt: null })
    for (const time of ['createdAt', 'paidAt', 'acceptedAt', 'assignedAt', 'pickedUpAt', 'deliveredAt'])
      expect(shown.body[time]).toMatch(/^20\d\d-.*Z$/)

    const numbers = versions.map((version) => BigInt(String(version).replace(`${orderId}:`, '')))
    expect(numbers).toEqual([...numbers].sort((a, b) => (a < b ? -1 : 1)))
    expect(new Set(numbers).size).toBe(6)
    expect(shown.version).toBe(versions.at(-1))
    expect((await row(orderId))?.drc_ver).toBe(String(numbers.at(-1)))
  })

  it('refuses every move that the table does not have, and leaves the row as it was', async () => {
    const orderId = await ground.orderIn('sh', ['paid'])
    const before = await row(orderId)
    for (const to of Object.keys(orderMoves).filter((state) => !['accepted', 'cancelled'].includes(state))) {
      const riderId = to === 'assigned' ? { riderId: await ground.riderIn('sh') } : {}
      expect(codeOf(await advance(orderId, { to, ...riderId }))).toEqual([409, 'EZ_BAD_TRANSITION'])
    }
    expect(await row(orderId)).toEqual(before)
  })

  it('lets one of ten have its way when ten move it at the same time', async () => {
    const orderId = await ground.orderIn('sh', [])
    const answers = await Promise.all(Array.from({ length: 10 }, () => advance(orderId, { to: 'paid' })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)])
  })

  it.each([
    [{ to: 'eaten' }, 400, 'EZ_BAD_ORDER'],
    [{ to: 'assigned' }, 400, 'EZ_BAD_ORDER'],
    [{ to: 'paid', riderId: '127913961550135296' }, 400, 'EZ_BAD_ORDER'],
    [{ to: 'paid', colour: 'red' }, 400, 'EZ_BAD_ORDER'],
    [{}, 400, 'EZ_BAD_ORDER'],
  ])('refuses %j', async (body, status, code) => {
    expect(codeOf(await advance(await ground.orderIn('sh', []), body))).toEqual([status, code])
  })

  it('is unknown of an order that nobody placed, and of a text that is no id', async () => {
    const nobody = packId({ seconds: 9, cell: 1, zone: 2, writer: 0, sequence: 0 })
    for (const id of [nobody, 'abc', '0']) {
      expect(codeOf(await advance(id, { to: 'paid' }))).toEqual([404, 'EZ_UNKNOWN_ORDER'])
      expect(codeOf(await ask('sh', 'GET', `/orders/${id}`))).toEqual([404, 'EZ_UNKNOWN_ORDER'])
    }
  })

  it('stands still while the order is locked', async () => {
    const orderId = await ground.orderIn('sh', ['paid'])
    await ground.platform.query('sh', `UPDATE delivery.orders SET locked = 1 WHERE order_id = ${orderId}`)
    expect(codeOf(await advance(orderId, { to: 'accepted' }))).toEqual([423, 'EZ_ORDER_LOCKED'])
    await ground.platform.query('sh', `UPDATE delivery.orders SET locked = 0 WHERE order_id = ${orderId}`)
    expect((await advance(orderId, { to: 'accepted' })).status).toBe(200)
  })
})

describe('a request key', () => {
  it('makes one order however often it comes, also ten times at once, and every answer is the same', async () => {
    const headers = { 'idempotency-key': 'ten-at-once' }
    const answers = await Promise.all(Array.from({ length: 10 }, () => place(headers, { amountFen: 100 })))
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(9).fill(200), 201])
    expect(new Set(answers.map(({ body, version }) => JSON.stringify([body, version]))).size).toBe(1)
    expect(codeOf(await place(headers, { amountFen: 999 }))).toEqual([400, 'EZ_BAD_ORDER'])
  })

  it('gives the first answer again, also when the order has moved on since', async () => {
    const orderId = await ground.orderIn('sh', [])
    const headers = { 'idempotency-key': 'pay-once' }
    const answers = await Promise.all(Array.from({ length: 5 }, () => advance(orderId, { to: 'paid' }, headers)))
    await advance(orderId, { to: 'accepted' })
    answers.push(await advance(orderId, { to: 'paid' }, headers))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 200, body: { state: 'paid' } })
    expect(codeOf(await advance(orderId, { to: 'cancelled' }, headers))).toEqual([400, 'EZ_BAD_ORDER'])
  })

  it('is one of its shard: the same key in another shard is another request', async () => {
    const headers = { 'idempotency-key': 'of-a-shard' }
    const here = await place(headers)
    const there = await ask('sh', 'POST', '/orders', { headers, tag: { shard: 32, epoch: 7, cell: 20 } })
    expect([here.status, there.status]).toEqual([201, 201])
  })

  it('of what was refused is free again: nothing is kept of it', async () => {
    const orderId = await ground.orderIn('sh', [])
    const headers = { 'idempotency-key': 'too-early' }
    expect(codeOf(await advance(orderId, { to: 'accepted' }, headers))).toEqual([409, 'EZ_BAD_TRANSITION'])
    await advance(orderId, { to: 'paid' })
    expect((await advance(orderId, { to: 'accepted' }, headers)).status).toBe(200)
  })
})

describe('what does not belong', () => {
  it.each([
    ['to a zone that the sender did not mean', { zone: 'bj' }, 421, 'EZ_WRONG_ZONE_WRITE'],
    ['under an epoch that is over', { shard: 32, epoch: 6 }, 409, 'EZ_STALE_EPOCH'],
    ['for a shard nobody knows', { shard: 99 }, 409, 'EZ_NO_SHARD'],
  ])('is refused %s, and the database is as before', async (_, tag, _status, code) => {
    const before = [await rows('orders'), await rows('requests')]
    const answer = await ask('sh', 'POST', '/orders', { tag, headers: { 'idempotency-key': 'not-here' } })
    expect(answer.body.error?.code).toBe(code)
    expect([await rows('orders'), await rows('requests')]).toEqual(before)
    expect(await refused(code, { shard: 31, epoch: 1, ...tag })).toBeGreaterThan(0)
  })

  it('is refused for a shard that moves, and let through when it has arrived', async () => {
    await ground.own(33, 'sh', 2, 'FROZEN')
    const tag = { shard: 33, epoch: 2 }
    expect((await ask('sh', 'POST', '/orders', { tag })).body.error?.code).toBe('EZ_SHARD_FROZEN')
    await ground.own(33, 'sh', 3)
    expect((await ask('sh', 'POST', '/orders', { tag: { shard: 33, epoch: 3 } })).status).toBe(201)
  })

  it('cannot move the order of another shard', async () => {
    const orderId = await ground.orderIn('sh', [])
    const tag = { shard: 32, epoch: 7 }
    const moved = await ask('sh', 'POST', `/orders/${orderId}/advance`, { tag, body: { to: 'paid' } })
    expect(moved.status).toBeGreaterThanOrEqual(400)
    expect(await ground.state('sh', orderId)).toBe('created')
  })

  it('is not read in a zone that the sender did not mean', async () => {
    const orderId = await ground.orderIn('sh', [])
    const answer = await ask('sh', 'GET', `/orders/${orderId}`, { tag: { zone: 'bj' } })
    expect(codeOf(answer)).toEqual([421, 'EZ_WRONG_ZONE'])
  })
})

describe('a rider', () => {
  it('has one order at a time, and is free again when it is brought or cancelled', async () => {
    const riderId = await ground.riderIn('sh')
    const rider = async () => (await ask('sh', 'GET', `/riders/${riderId}`)).body
    const [first, second] = [
      await ground.orderIn('sh', ['paid', 'accepted']),
      await ground.orderIn('sh', ['paid', 'accepted']),
    ]
    expect((await advance(first, { to: 'assigned', riderId })).body).toMatchObject({ state: 'assigned', riderId })
    expect(await rider()).toMatchObject({ state: 'busy', orderId: first })
    expect(codeOf(await advance(second, { to: 'assigned', riderId }))).toEqual([409, 'EZ_RIDER_BUSY'])
    await advance(first, { to: 'pickedUp' })
    await advance(first, { to: 'delivered' })
    expect(await rider()).toMatchObject({ state: 'free', orderId: null, trips: 1 })
    await advance(second, { to: 'assigned', riderId })
    await advance(second, { to: 'cancelled' })
    expect(await rider()).toMatchObject({ state: 'free', orderId: null, trips: 1 })
  })

  it('of another shard, or of nobody, takes no order', async () => {
    const elsewhere = await ground.riderIn('sh', { tag: { shard: 32, epoch: 7 } })
    const orderId = await ground.orderIn('sh', ['paid', 'accepted'])
    expect(codeOf(await advance(orderId, { to: 'assigned', riderId: elsewhere }))).toEqual([404, 'EZ_UNKNOWN_RIDER'])
  })
})

/** How often the service says that it refused with this code, under the shard and epoch that the tag names. */
async function refused(code: string, { shard, epoch }: { readonly shard: number; readonly epoch: number }) {
  const { url } = ground.platform.program('sh', 'orders')
  const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n')
  const found = lines.find((line) =>
    [`ezone_orders_refused_total{`, `"${code}"`, `shard="${shard}"`, `epoch="${epoch}"`].every((part) =>
      line.includes(part),
    ),
  )
  return Number(found?.split(' ').at(-1) ?? 0)
}

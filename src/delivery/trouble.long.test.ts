import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answered, OrdersGround } from '../../testbed/testing/orders-ground.ts'

let ground: OrdersGround
beforeAll(async () => {
  ground = await OrdersGround.make({ sh: 70, edge: 71 })
  await ground.own(31, 'sh')
  await ground.start('sh')
})
afterAll(async () => {
  await ground?.[Symbol.asyncDispose]()
})

/** What a client may hear while something is away: nothing was done, or it is not known. Both are asked again. */
const later = new Set([
  'EZ_STORE_UNREACHABLE',
  'EZ_OUTCOME_UNKNOWN',
  'EZ_OVERLOADED',
  'EZ_DEADLINE_PASSED',
  'EZ_IDS_SPENT',
  'no answer',
])

/** Customers who place and pay orders one after the other, each with a key, until they are told to stop. */
class Customers {
  readonly placed = new Map<string, string>()
  readonly paid = new Set<string>()
  readonly heard = new Map<string, number>()
  #stop = false
  readonly #all: Promise<void>

  constructor(count: number) {
    this.#all = Promise.all(Array.from({ length: count }, () => this.#live())).then(() => undefined)
    // Told by `stop`.
    this.#all.catch(() => undefined)
  }

  async stop(): Promise<void> {
    this.#stop = true
    await this.#all
  }

  async #live(): Promise<void> {
    while (!this.#stop) {
      const key = randomUUID()
      const order = await this.#insist('/orders', {}, key)
      const orderId = String(order.body.orderId)
      this.placed.set(key, orderId)
      await this.#insist(`/orders/${orderId}/advance`, { to: 'paid' }, `pay-${key}`)
      this.paid.add(orderId)
    }
  }

  /** Asks until it is done. An answer that no trouble explains fails the test. */
  async #insist(path: string, body: object, key: string): Promise<Answered> {
    for (;;) {
      const answer = await ground
        .ask('sh', 'POST', path, { body, headers: { 'idempotency-key': key } })
        .catch(() => null)
      if (answer !== null && answer.status < 300) return answer
      const code = answer?.body.error?.code ?? 'no answer'
      this.heard.set(code, (this.heard.get(code) ?? 0) + 1)
      if (!later.has(code)) throw new Error(`${path} was answered ${JSON.stringify(answer?.body)}`)
      await sleep(100)
    }
  }
}

/** Every order that was promised is there, paid, and none more than was asked for. */
async function requireAllAndNoMore({ placed, paid }: Customers): Promise<void> {
  const rows = await ground.platform.query('sh', 'SELECT order_id, state FROM delivery.orders')
  expect(rows.length).toBe(placed.size)
  const states = new Map(rows.map((row) => [row.order_id, row.state]))
  for (const orderId of placed.values()) expect(states.get(orderId)).toBe('paid')
  expect(paid.size).toBe(placed.size)
  const [kept] = await ground.platform.query('sh', 'SELECT COUNT(*) AS n FROM delivery.requests')
  expect(Number(kept?.n)).toBe(2 * placed.size)
}

describe('under load', () => {
  const emptied = () =>
    Promise.all(['orders', 'requests'].map((table) => ground.platform.query('sh', `DELETE FROM delivery.${table}`)))

  it.each(['mysql', 'redis', 'kafka', 'zookeeper'])(
    'a %s that is killed and comes again costs no order, and doubles none',
    async (store) => {
      await emptied()
      const customers = new Customers(8)
      await sleep(1_000)
      await ground.platform.stopStore(`sh/${store}`, 'kill')
      await sleep(500)
      await ground.platform.startStores(`sh/${store}`)
      await sleep(1_000)
      await customers.stop()
      expect(customers.placed.size).toBeGreaterThan(20)
      // Orders need neither Redis nor Kafka.
      if (store === 'redis' || store === 'kafka') expect([...customers.heard]).toEqual([])
      await requireAllAndNoMore(customers)
    },
  )

  it('a service that is killed five times costs no order, and doubles none', async () => {
    await emptied()
    const customers = new Customers(8)
    for (let i = 0; i < 5; i++) {
      await sleep(500)
      await ground.platform.program('sh', 'orders').kill()
      await ground.start('sh')
    }
    await sleep(500)
    await customers.stop()
    expect(customers.heard.get('no answer')).toBeGreaterThan(0)
    await requireAllAndNoMore(customers)
  })
})

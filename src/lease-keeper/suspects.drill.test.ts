import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followSwitch } from '../../testbed/failover/follow-switch.ts'
import { RouterClient } from '../../testbed/orders/router-client.ts'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'
import { ShardMoves } from '../../testbed/testing/shard-moves.ts'

const shanghai = 'geo=31.23,121.47'
let platform: PlatformGround
let moves: ShardMoves
let clients: RouterClient
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 46, sh: 47, edge: 48 })
  for (const services of [['gzs', 'lease-keeper'], ['router', 'orders'], ['drc']]) await platform.startAll(services)
  moves = new ShardMoves(platform, 'edge')
  clients = new RouterClient(...[1, 2].map((instance) => platform.addressOf('edge', 'router', instance)))
})
afterAll(() => platform?.[Symbol.asyncDispose]())

const { signal } = { signal: AbortSignal.timeout(300_000) }
const place = async () => (await clients.place({ tag: shanghai, signal })).order.orderId
const pay = (orderId: string) => clients.advance({ orderId, move: { to: 'paid' }, signal })
const row = async (zone: string, orderId: string) => {
  const [one] = await platform.query(zone, `SELECT state, locked FROM delivery.orders WHERE order_id = ${orderId}`)
  return one === undefined ? 'none' : `${one.state} ${Number(one.locked) === 0 ? 'free' : 'locked'}`
}
const eventually = (zone: string, orderId: string) =>
  expect.poll(() => row(zone, orderId), { timeout: 30_000, interval: 50 })
const codeOf = (done: Promise<unknown>) =>
  done.then(
    () => 'done',
    ({ code }) => code,
  )
const hard = (from: string, to: string) =>
  followSwitch({
    gzs: moves.gzs,
    request: { from, to, mode: 'hard', shards: [31], canary: false, who: 'ann', why: 'a test' },
    signal,
  })

describe('orders of which more was acknowledged than had arrived', () => {
  it('are named, locked or missing until it has arrived, and free then with all that was acknowledged', async () => {
    const [settled, behind] = [await place(), await place()]
    await eventually('bj', settled).toBe('created free')
    await eventually('bj', behind).toBe('created free')

    await platform.program('bj', 'drc').kill()
    await pay(behind)
    const unheard = await place()
    const result = await hard('sh', 'bj')
    expect(result).toMatchObject({ outcome: 'switched', suspectsComplete: true })
    expect(result.rpoOrders.toSorted()).toEqual([behind, unheard].toSorted())

    expect([await row('bj', settled), await row('bj', behind)]).toEqual(['created free', 'created locked'])
    expect(await codeOf(pay(settled))).toBe('done')
    expect(await codeOf(pay(behind))).toBe('EZ_ORDER_LOCKED')
    expect(await codeOf(pay(unheard))).toBe('EZ_UNKNOWN_ORDER')
    await expect(moves.begin({ shard: 31, to: 'sh' })).rejects.toMatchObject({ code: 'EZ_NOT_SETTLED' })

    await platform.start('bj', 'drc')
    await eventually('bj', behind).toBe('paid free')
    await eventually('bj', unheard).toBe('created free')
    expect(await codeOf(pay(unheard))).toBe('done')
    for (const id of [settled, behind, unheard]) await eventually('sh', id).toBe('paid free')
    const [open] = await platform.query('bj', "SELECT COUNT(*) AS n FROM ezone.suspect WHERE state <> 'arrived'")
    await expect.poll(() => Number(open?.n), { timeout: 10_000 }).toBe(0)
  })
})

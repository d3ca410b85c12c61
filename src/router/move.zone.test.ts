import { setTimeout as sleep } from 'node:timers/promises'
import { type Order, routerStatsSchema } from '@ezone/sdk'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PlatformGround } from '../../testbed/testing/platform-ground.ts'
import { ShardMoves } from '../../testbed/testing/shard-moves.ts'

let platform: PlatformGround
let moves: ShardMoves
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 57, sh: 58, edge: 59 }, { links: true })
  // One after the other: twenty programs at once take longer to start than any of them may.
  for (const services of [['gzs', 'lease-keeper'], ['router', 'orders'], ['drc']]) await platform.startAll(services)
  moves = new ShardMoves(platform, 'edge')
})
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
})

const perSecond = 100
/** A machine that cannot do as many is given less to do: what is shown here is no error, not a rate. */
const atOnceMax = 50
interface Answered {
  readonly status: number
  readonly heldMs: number
  readonly order: Order & { readonly error?: unknown }
}

async function place(router: string): Promise<Answered> {
  const headers = { 'x-ezone-tag': 'geo=31.23,121.47' }
  const response = await fetch(`${router}/orders`, { method: 'POST', headers, body: '{}' })
  const heldMs = Number(response.headers.get('x-ezone-held') ?? 0)
  return { status: response.status, heldMs, order: (await response.json()) as Answered['order'] }
}

it('a shard that moves under load to the other zone and back costs its clients waiting and no error, and no order is in the wrong zone', async () => {
  const urls = [1, 2].map((instance) => platform.program('edge', 'router', instance).url)
  const answers: Promise<Answered>[] = []
  let moving = true
  let underway = 0
  const load = (async () => {
    while (moving) {
      if (underway < atOnceMax) {
        underway++
        answers.push(place(urls[answers.length % 2] ?? '').finally(() => underway--))
      }
      await sleep(1_000 / perSecond)
    }
  })()
  try {
    await sleep(1_000)
    for (const to of ['bj', 'sh', 'bj']) {
      await moves.begin({ shard: 31, to })
      expect(await moves.end(31)).toMatchObject({ outcome: 'moved' })
      await sleep(500)
    }
  } finally {
    moving = false
    await load
  }
  const all = await Promise.all(answers)
  expect(all.filter(({ status }) => status !== 201).map(({ status, order }) => [status, order.error])).toEqual([])

  const rows = new Map<string, string>()
  for (const zone of ['bj', 'sh'])
    for (const row of await platform.query(zone, 'SELECT order_id, zone FROM delivery.orders')) {
      // Replicated or not: every row tells the zone that wrote it, which is the one that answered.
      const known = rows.get(row.order_id) ?? row.zone
      expect(row.zone).toBe(known)
      rows.set(row.order_id, row.zone)
    }
  expect(all.every(({ order }) => rows.get(order.orderId) === order.zone)).toBe(true)
  expect(rows.size).toBe(all.length)
  const held = all.map(({ heldMs }) => heldMs).filter((ms) => ms > 0)
  expect(held.length).toBeGreaterThan(0)
  const stats = await Promise.all(
    urls.map(async (url) => routerStatsSchema.parse(await (await fetch(`${url}/stats`)).json())),
  )
  expect(Math.max(...stats.map(({ holds }) => holds.longestMs))).toBeGreaterThanOrEqual(Math.max(...held))
  expect(stats.every(({ holds }) => holds.inVain === 0)).toBe(true)
})

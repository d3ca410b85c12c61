import { pointText } from '@ezone/sdk/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformGround } from '../testing/platform-ground.ts'
import { runDemo } from './demo.ts'
import { readGroundData } from './ground-data.ts'
import { RouterClient } from './router-client.ts'

let platform: PlatformGround
let router: RouterClient
const { cells, divisions } = await readGroundData()
const zoneOf = new Map(divisions.map((d) => [d.shard, d.zone]))
const signal = new AbortController().signal

beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 171, sh: 172, edge: 173 })
  await platform.startAll()
  router = new RouterClient(platform.addressOf('edge', 'router'))
})
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
})

describe('an order of each of the 400 cities', () => {
  it('is in the MySQL of the zone of its shard, once, and in no other', async () => {
    const expected = new Map<string, { cell: number; shard: number; zone: string }>()
    for (let i = 0; i < cells.length; i += 20) {
      const some = cells.slice(i, i + 20)
      const placed = await Promise.all(some.map((c) => router.place({ tag: `geo=${pointText(c.point)}`, signal })))
      for (const [index, cell] of some.entries())
        expected.set(placed[index]?.order.orderId ?? '', {
          cell: cell.cell,
          shard: cell.shard,
          zone: zoneOf.get(cell.shard) ?? '',
        })
    }
    expect(expected.size).toBe(400)

    const stored = new Map<string, unknown>()
    for (const zone of ['bj', 'sh'])
      for (const row of await platform.query(zone, 'SELECT order_id, cell, shard, zone FROM delivery.orders')) {
        expect(row.zone).toBe(zone)
        expect(stored.has(row.order_id), 'an order is in one zone only').toBe(false)
        stored.set(row.order_id, { cell: row.cell, shard: row.shard, zone })
      }
    expect(stored).toEqual(expected)
  })
})

describe('the demo', () => {
  it('lands every order where it belongs, and the same seed draws the same', async () => {
    const demo = { router, cells, divisions, orders: 100, seed: 7719, signal }
    const first = await runDemo(demo)
    expect(first.orders).toBe(100)
    expect(Object.values(first.perZone).reduce((a, b) => a + b)).toBe(100)
    expect(first.perShard.every((s) => s.zone === zoneOf.get(s.shard))).toBe(true)
    expect(await runDemo(demo)).toEqual(first)
  })

  it('ends with the error of the platform when a zone is down, and tells no result', async () => {
    await platform.program('sh', 'orders').kill()
    const demo = { router, cells, divisions, orders: 100, seed: 7719, signal }
    await expect(runDemo(demo)).rejects.toMatchObject({ code: 'EZ_ZONE_UNREACHABLE' })
    await platform.start('sh', 'orders')
  })

  it('ends when it is told to', async () => {
    const interrupt = new AbortController()
    const stopAt = (done: number) => done === 5 && interrupt.abort(new Error('enough'))
    const demo = { router, cells, divisions, orders: 10_000, seed: 1, signal: interrupt.signal, onProgress: stopAt }
    await expect(runDemo(demo)).rejects.toThrow('enough')
  })
})

describe('a client of the router', () => {
  it('hears the error of the platform as it was given', async () => {
    await expect(router.show('127913961550135296', signal)).rejects.toMatchObject({
      code: 'EZ_UNKNOWN_ORDER',
      oclif: { exit: 11 },
    })
    await expect(router.place({ tag: 'shard=31', signal })).rejects.toMatchObject({ code: 'EZ_BAD_TAG' })
  })

  it('says that nothing runs where nothing answers', async () => {
    const nobody = new RouterClient({ host: '127.174.0.1', port: 8080 })
    await expect(nobody.place({ tag: 'geo=1,2', signal })).rejects.toMatchObject({
      code: 'EZ_NOT_RUNNING',
      oclif: { exit: 3 },
    })
  })

  it('calls it unknown when an order was sent and the router fell silent', async () => {
    const process = platform.program('edge', 'router').child
    process.kill('SIGSTOP')
    const impatient = AbortSignal.timeout(60_000)
    await expect(router.place({ tag: 'geo=31.23,121.47', signal: impatient })).rejects.toMatchObject({
      code: 'EZ_OUTCOME_UNKNOWN',
    })
    process.kill('SIGCONT')
  })
})

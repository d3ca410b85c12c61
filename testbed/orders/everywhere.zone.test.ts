import { pointText, versionZone } from '@ezone/sdk/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { patiently } from '../simulate/patience.ts'
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
  platform = await PlatformGround.make({ bj: 72, sh: 73, edge: 74 })
  await platform.startAll()
  router = new RouterClient(platform.addressOf('edge', 'router'))
})
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
})

describe('an order of each of the 400 cities', () => {
  const expected = new Map<string, { cell: number; shard: number; zone: string; writtenIn: string }>()
  const storedIn = async (zone: string) => {
    const rows = await platform.query(zone, 'SELECT order_id, cell, shard, zone, drc_ver FROM delivery.orders')
    return new Map(rows.map((row) => [String(row.order_id), { ...placeOf(row), writtenIn: writerOf(row.drc_ver) }]))
  }

  it('is written in the MySQL of the zone of its shard, once, and by no other zone', async () => {
    for (let i = 0; i < cells.length; i += 20) {
      const some = cells.slice(i, i + 20)
      const placed = await Promise.all(some.map(place))
      for (const [index, { cell, shard }] of some.entries()) {
        const zone = zoneOf.get(shard) ?? ''
        expected.set(placed[index]?.order.orderId ?? '', { cell, shard, zone, writtenIn: zone })
      }
    }
    expect(expected.size).toBe(400)
    for (const zone of ['bj', 'sh']) {
      const own = [...expected].filter(([, order]) => order.zone === zone)
      const stored = [...(await storedIn(zone))].filter(([, order]) => order.writtenIn === zone)
      expect(new Map(stored)).toEqual(new Map(own))
    }
  })

  it('arrives in the other zone as it is, still as the work of its own', async () => {
    await platform.startAll(['drc'])
    for (const zone of ['bj', 'sh'])
      await expect.poll(async () => (await storedIn(zone)).size, { timeout: 30_000, interval: 200 }).toBe(400)
    expect(await storedIn('bj')).toEqual(expected)
    expect(await storedIn('sh')).toEqual(expected)
  })
})

/** A database that has just started may be slow to take so many connections at once: what was not done is done again. */
function place({ cell, point }: (typeof cells)[number]) {
  const request = { tag: `geo=${pointText(point)}`, requestKey: `everywhere-${cell}`, signal }
  return patiently(() => router.place(request), signal)
}

const placeOf = ({ cell, shard, zone }: Readonly<Record<string, unknown>>) => ({ cell, shard, zone })
const writerOf = (version: string) => (versionZone(BigInt(version)) === 1 ? 'bj' : 'sh')

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

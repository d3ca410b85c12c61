import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readGroundData } from '../orders/ground-data.ts'
import { PlatformGround } from '../testing/platform-ground.ts'
import { EdgeClient } from './edge-client.ts'
import { orderMix, parseMix } from './order-mix.ts'
import type { LoadRecord } from './records.ts'
import { runLoad } from './run-load.ts'
import { routersOf } from './stress.ts'

let platform: PlatformGround
const { cells, divisions } = await readGroundData()
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 75, sh: 76, edge: 77 })
  await platform.startAll()
})
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
})

async function load(mix: string, seed: number) {
  await using client = new EdgeClient(routersOf(platform.ground.blueprint))
  const records: LoadRecord[] = []
  const signal = new AbortController().signal
  const operations = orderMix({ client, cells, divisions, mix: parseMix(mix), seed, run: `test${seed}` })
  const run = await runLoad({ qps: 40, forMs: 3_000, operations, signal, onRecord: (record) => records.push(record) })
  return { run, records }
}

describe('a load on the platform', () => {
  it('leaves in the databases exactly the orders that were acknowledged', async () => {
    const { run, records } = await load('place=100', 1)
    expect(records.filter(({ outcome }) => outcome !== 'ok').map(({ code }) => code)).toEqual([])
    expect(records).toHaveLength(run.intended)
    const acknowledged = records.map(({ zone, orderId }) => `${zone} ${orderId}`)
    const stored = await Promise.all(
      platform.zones.map(async (zone) => {
        const rows = await platform.query(zone, `SELECT order_id FROM delivery.orders WHERE zone = '${zone}'`)
        return rows.map((row) => `${zone} ${row.order_id}`)
      }),
    )
    expect(stored.flat().toSorted()).toEqual(acknowledged.toSorted())
    expect(new Set(records.map(({ zone }) => zone))).toEqual(new Set(platform.zones))
  })

  it('reads and pays what it placed', async () => {
    const { records } = await load('place=50,show=30,pay=20', 2)
    expect(records.filter(({ outcome }) => outcome !== 'ok').map(({ code, kind }) => `${kind} ${code}`)).toEqual([])
    expect(new Set(records.map(({ kind }) => kind))).toEqual(new Set(['place', 'show', 'pay']))
  })
})

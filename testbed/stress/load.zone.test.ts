import { systemClock } from '@ezone/sdk/clock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readGroundData } from '../orders/ground-data.ts'
import { PlatformGround } from '../testing/platform-ground.ts'
import { plannedOperations } from './builtin-load.ts'
import { EdgeClient } from './edge-client.ts'
import { mixKinds, parseMix } from './mix.ts'
import { defaultMix } from './names.ts'
import { planLoad } from './plan-load.ts'
import { steady } from './profile.ts'
import type { LoadRecord, Outcome } from './records.ts'
import { runLoad } from './run-load.ts'
import { routersOf } from './stress.ts'
import { prepareWorld } from './world.ts'

let platform: PlatformGround
const { cells, divisions } = await readGroundData()
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 75, sh: 76, edge: 77 })
  await platform.startAll()
})
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
})

async function load(shares: string, seed: number) {
  await using client = new EdgeClient(routersOf(platform.ground.blueprint))
  const records: LoadRecord[] = []
  const signal = new AbortController().signal
  const mix = parseMix(shares)
  const run = String(10_000_000 + seed)
  const arrivals = steady(40, 3_000)
  const world = await prepareWorld({ client, cells, divisions, mix, seed, run, signal })
  const plan = planLoad({ cells, divisions, world, mix, seed, count: arrivals.count })
  const operations = plannedOperations({ client, plan, run, nowMs: systemClock.nowMs })
  const ran = await runLoad({ arrivals, operations, signal, onRecord: (record) => records.push(record) })
  return { run: ran, records }
}

describe('a load on the platform', () => {
  it('leaves in the databases what was acknowledged, at most what is unknown besides, and nothing that failed', async () => {
    const { run, records } = await load('place=100', 1)
    expect(records).toHaveLength(run.sent)
    const of = (outcome: Outcome) => records.filter((record) => record.outcome === outcome)
    const keysOf = (some: readonly LoadRecord[]) => new Set(some.map(({ zone, requestKey }) => `${zone} ${requestKey}`))
    expect(of('ok').length).toBeGreaterThan(run.sent / 2)
    const stored = new Set<string>()
    for (const zone of platform.zones) {
      const rows = await platform.query(zone, 'SELECT request_key FROM delivery.requests')
      for (const row of rows) stored.add(`${zone} ${row.request_key}`)
      const ids = new Set(
        (await platform.query(zone, 'SELECT order_id FROM delivery.orders')).map((row) => row.order_id),
      )
      const acknowledged = of('ok').filter((record) => record.zone === zone)
      expect(acknowledged.length).toBeGreaterThan(0)
      expect(acknowledged.filter(({ orderId }) => !ids.has(orderId))).toEqual([])
      expect(ids.size).toBe(rows.length)
    }
    expect(keysOf(of('ok')).difference(stored)).toEqual(new Set())
    expect(keysOf(of('failed')).intersection(stored)).toEqual(new Set())
    expect(stored.size).toBeLessThanOrEqual(of('ok').length + of('unknown').length)
  })

  it('does everything that clients do, in both zones', async () => {
    const { records } = await load(defaultMix, 2)
    const done = records.filter(({ outcome }) => outcome === 'ok')
    expect(new Set(done.map(({ kind }) => kind))).toEqual(new Set(mixKinds))
    expect(new Set(done.map(({ zone }) => zone))).toEqual(new Set(['bj', 'sh']))
  })
})

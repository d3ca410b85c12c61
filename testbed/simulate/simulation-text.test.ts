import { describe, expect, it } from 'vitest'
import { readGroundData } from '../orders/ground-data.ts'
import type { SimulationResult } from './simulate.ts'
import { simulationText } from './simulation-text.ts'

const { divisions } = await readGroundData()

/** Every shard with so many orders, the first with twice as many. */
function resultOf(each: number, more: Partial<SimulationResult> = {}): SimulationResult {
  const sum = (orders: number) => ({
    orders,
    delivered: orders - 1,
    cancelled: 1,
    open: 0,
    p50Min: 1_234.5,
    p95Min: 2_345.6,
    riderP50S: null,
  })
  const perShard = divisions
    .map(({ shard, name, zone }, index) => ({ shard, name, zone, ...sum(index === 0 ? each * 2 : each) }))
    .toSorted((a, b) => a.zone.localeCompare(b.zone) || b.orders - a.orders)
  const perZone = ['bj', 'sh'].map((zone) => {
    const own = perShard.filter((one) => one.zone === zone)
    return { zone, ...sum(own.reduce((total, { orders }) => total + orders, 0)) }
  })
  const orders = perZone.reduce((total, zone) => total + zone.orders, 0)
  const positions = { taken: 1_234_567, stale: 12_345, jumping: 12_345, ahead: 1, failed: 0 }
  const counts = { orders, delivered: orders - 2, cancelled: 2, unfinished: [], misplaced: [], notPlaced: 0 }
  const run = { seed: 7719, minutes: 5, speed: 60, errors: {}, shops: 1_000, riders: 10_000 }
  return { ...run, ...counts, positions, perZone, perShard, ...more }
}

describe('what a simulation came to, as a person reads it', () => {
  it('fits into 100 columns, with all 31 shards and as many orders as there may be', () => {
    const lines = simulationText(resultOf(100_000)).split('\n')
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(100)
    for (const { name } of divisions) expect(lines.filter((line) => line.includes(` ${name} `))).toHaveLength(1)
  })

  it('shows by bars how the orders fell to the shards: half of the greatest is half as long', () => {
    const bars = simulationText(resultOf(50)).match(/█+/g) ?? []
    expect(bars.map((bar) => bar.length).toSorted((a, b) => b - a)).toEqual([10, ...Array(30).fill(5)])
  })

  it('says first what went wrong', () => {
    const wrong = { unfinished: ['1', '2'], misplaced: ['3'], notPlaced: 4, errors: { EZ_ZONE_UNREACHABLE: 5 } }
    const [first, ...rest] = simulationText(resultOf(2, wrong)).split('\n')
    expect(first).toContain('2 not ended, 1 not where they belong, 4 not placed')
    expect(rest).toContain('in trouble: EZ_ZONE_UNREACHABLE 5 times')
  })
})

import { systemClock } from '@ezone/sdk/clock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readGroundData } from '../orders/ground-data.ts'
import { RouterClient } from '../orders/router-client.ts'
import { PlatformGround } from '../testing/platform-ground.ts'
import { requireAllEnded, type SimulateOptions, type SimulationResult, simulate } from './simulate.ts'
import { simulationText } from './simulation-text.ts'

let platform: PlatformGround
let options: SimulateOptions
let result: SimulationResult
const ground = await readGroundData()
const zoneOf = new Map(ground.divisions.map((division) => [division.shard, division.zone]))

beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 70, sh: 71, edge: 72 })
  await platform.startAll()
  options = {
    ...ground,
    router: new RouterClient(platform.addressOf('edge', 'router'), platform.addressOf('edge', 'router', 2)),
    minutes: 0.25,
    speed: 240,
    qps: 8,
    seed: 7719,
    run: 'test',
    clock: systemClock,
    signal: new AbortController().signal,
  }
  result = await simulate(options)
})
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
})

describe('a simulation', () => {
  it('ends every order, each in its own zone, and the databases say the same', async () => {
    expect(() => requireAllEnded(result)).not.toThrow()
    expect(result.orders).toBe(120)
    expect(result.delivered + result.cancelled).toBe(120)
    expect(result.delivered).toBeGreaterThan(80)
    expect(result.cancelled).toBeGreaterThan(0)
    for (const { zone, shard } of result.perShard) expect(zoneOf.get(shard)).toBe(zone)

    const stored: Record<string, number> = {}
    for (const zone of platform.zones)
      for (const row of await platform.query(zone, 'SELECT state, COUNT(*) AS n FROM delivery.orders GROUP BY 1'))
        stored[row.state] = (stored[row.state] ?? 0) + Number(row.n)
    expect(stored).toEqual({ delivered: result.delivered, cancelled: result.cancelled })
    for (const zone of platform.zones)
      expect(await platform.query(zone, `SELECT 1 FROM delivery.orders WHERE zone <> '${zone}'`)).toEqual([])
  })

  it('leaves every rider free, and each has brought what it was given', async () => {
    const all = await Promise.all(
      platform.zones.map((zone) => platform.query(zone, 'SELECT state, trips FROM delivery.riders')),
    )
    expect(new Set(all.flat().map(({ state }) => state))).toEqual(new Set(['free']))
    expect(all.flat().reduce((sum, { trips }) => sum + Number(trips), 0)).toBe(result.delivered)
  })

  it('has the wrong positions of its riders dropped and the others taken', () => {
    const { taken, stale, jumping, ahead } = result.positions
    expect(taken).toBeGreaterThan(100)
    expect(stale).toBeGreaterThan(0)
    expect(jumping).toBeGreaterThan(0)
    expect(ahead).toBe(0)
    expect(stale + jumping).toBeLessThan(taken * 0.2)
  })

  it('is told in a table that fits into 100 columns', () => {
    const lines = simulationText(result).split('\n')
    expect(lines[0]).toContain('every one has ended in its own zone')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  it('ends when it is told to, and hands out nothing', async () => {
    const interrupt = new AbortController()
    const onProgress = ({ phase }: { phase: string }) => phase === 'running' && interrupt.abort(new Error('enough'))
    const run = simulate({ ...options, run: 'interrupted', signal: interrupt.signal, onProgress })
    await expect(run).rejects.toThrow('enough')
  })
})

describe('the verdict of a simulation', () => {
  const well = { orders: 1, unfinished: [], misplaced: [], notPlaced: 0 }
  const judged = (changes: Partial<SimulationResult>) => requireAllEnded({ ...result, ...well, ...changes })

  it('is against it when an order did not end, is not where it belongs, or was never placed; and when there was none', () => {
    expect(() => judged({})).not.toThrow()
    for (const wrong of [{ unfinished: ['1'] }, { misplaced: ['1'] }, { notPlaced: 1 }, { orders: 0 }])
      expect(() => judged(wrong)).toThrow(expect.objectContaining({ code: 'EZ_ORDERS_UNFINISHED' }))
  })
})

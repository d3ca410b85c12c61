import { describe, expect, it } from 'vitest'
import { type CostSample, costOf } from './cost.ts'

const sample = (specs: Record<string, number>, busyMs: number, allMs: number): CostSample => ({
  perSpecMs: new Map(Object.entries(specs)),
  machine: { busyMs, allMs },
})
const nameOf = (spec: string) => spec.split('/')[1]?.replace(/-2$/, '') ?? ''
const before = sample({ 'edge/router': 1_000, 'edge/router-2': 0, 'sh/mysql': 500 }, 0, 0)
const cost = (after: CostSample, ranMs = 10_000) => costOf(before, after, { requests: 1_000, ranMs, nameOf })

describe('what a load cost', () => {
  it('is told per request and hop, all instances together, the dearest first', () => {
    const after = sample({ 'edge/router': 1_300, 'edge/router-2': 200, 'sh/mysql': 1_400 }, 5_000, 20_000)
    expect(Object.entries(cost(after).cpuPerHop)).toEqual([
      ['mysql', 0.9],
      ['router', 0.5],
    ])
  })

  it('counts a program that started meanwhile from nothing', () => {
    expect(cost(sample({ 'bj/orders': 100 }, 0, 20_000)).cpuPerHop).toEqual({ orders: 0.1 })
  })

  it.each([
    ['nothing', { 'edge/router': 2_000 }, 10_000, null],
    ['a program that had a processor for itself', { 'edge/router': 10_100 }, 15_000, 'edge/router'],
    ['the machine', { 'edge/router': 10_100 }, 19_500, 'machine'],
  ] as const)('is limited by %s', (_, specs, busyMs, limit) => {
    expect(cost(sample(specs, busyMs, 20_000)).limit).toBe(limit)
  })
})

import { describe, expect, it } from 'vitest'
import type { StressResult } from './result.ts'
import { judged, requireHeld } from './verdict.ts'

const k6 = { version: '1.8.1', requests: 10, p50Ms: 5, p99Ms: 9, counted: { requests: 10, p50Ms: 5, p99Ms: 9 } }
const good: StressResult = {
  ...{ verdict: 'valid', askedQps: 100, heldQps: 100, requests: 1_000, ok: 1_000, failed: 0, unknown: 0, dropped: 0 },
  ...{ late: 0, p50Ms: 5, p99Ms: 9, maxMs: 20, lagP99Ms: 1, lagMaxMs: 2, perZone: {}, perKind: {}, errors: {} },
  ...{ engine: 'k6', profile: 'steady', seed: 7, forMs: 10_000, highestQps: 100, steps: [], thresholds: [] },
  ...{ cpuPerHop: {}, limitedBy: null, generatorCpu: 0.1, k6: { ...k6, agrees: true }, faults: [], drill: null },
}
const verdictOf = (more: Partial<StressResult>) => judged({ ...good, ...more }).verdict
const errorOf = (more: Partial<StressResult>): unknown => {
  try {
    requireHeld(judged({ ...good, ...more }))
    return null
  } catch (error) {
    return error
  }
}
const step = { okShare: 1, p99Ms: 9 }

describe('the verdict of a load', () => {
  it.each([
    ['valid', {}],
    ['valid', { limitedBy: 'machine' }],
    ['unknown', { verdict: 'unknown' }],
    ['unknown', { verdict: 'unknown', limitedBy: 'sh/mysql' }],
    ['void', { verdict: 'unknown', limitedBy: 'machine' }],
    ['void', { verdict: 'unknown', limitedBy: 'generator' }],
    ['unknown', { k6: { ...k6, agrees: false } }],
    ['void', { verdict: 'void', k6: { ...k6, agrees: false } }],
  ] as const)('is %s of %j', (verdict, more) => {
    expect(verdictOf(more)).toBe(verdict)
  })

  it('of a ramp is valid where something held before it broke, whatever was short but the generator', () => {
    const ramp = { profile: 'ramp-to-break', verdict: 'void', steps: [{ qps: 50, held: true, ...step }] } as const
    expect(verdictOf({ ...ramp, limitedBy: 'machine', highestQps: 50 })).toBe('valid')
    expect(verdictOf({ ...ramp, limitedBy: 'generator', highestQps: 50 })).toBe('void')
    expect(verdictOf({ ...ramp, limitedBy: 'machine', highestQps: null })).toBe('void')
  })

  it('names no highest rate where none is known', () => {
    expect(judged({ ...good, verdict: 'unknown' }).highestQps).toBeNull()
    expect(judged(good).highestQps).toBe(100)
  })
})

describe('what a command exits with', () => {
  it.each([
    [8, 'EZ_STRESS_VOID', { verdict: 'void', dropped: 3 }],
    [8, 'EZ_STRESS_NOT_HELD', { verdict: 'unknown' }],
    [8, 'EZ_STRESS_DISAGREES', { k6: { ...k6, agrees: false } }],
    [9, 'EZ_STRESS_TOO_SLOW', { thresholds: [{ zone: 'sh', p99MsMax: 100, p99Ms: 120, held: false }] }],
  ] as const)('is %i (%s)', (exit, code, more) => {
    expect(errorOf(more)).toMatchObject({ code, oclif: { exit } })
  })

  it('is nothing where all held', () => {
    expect(errorOf({ thresholds: [{ zone: 'sh', p99MsMax: 100, p99Ms: 90, held: true }] })).toBeNull()
  })

  it('says the highest rate that held, and what was short', () => {
    const found = { ...good, verdict: 'void', highestQps: 80, limitedBy: 'machine' } as const
    expect(() => requireHeld(found)).toThrow(/80 is the highest rate that held.*limited by machine/)
  })
})

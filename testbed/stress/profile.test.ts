import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { profileNames } from './names.ts'
import { arrivalsOf, type Profile, peakOf, profileOf, steady, stepsOf } from './profile.ts'

const size = { qps: 400, forMs: 60_000 }

/** Rates of any kind: at least one is not nothing. */
const profiles = fc
  .array(fc.record({ ms: fc.integer({ min: 0, max: 20_000 }), qps: fc.integer({ min: 0, max: 2_000 }) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((parts): Profile => {
    const points = [{ atMs: 0, qps: 100 }]
    for (const { ms, qps } of parts) points.push({ atMs: (points.at(-1)?.atMs ?? 0) + ms + 1, qps })
    return points
  })

/** How many operations a profile means before a moment, added up by small steps. */
function meantBefore(profile: Profile, untilMs: number): number {
  let sum = 0
  for (let i = 1; i < profile.length; i++) {
    const [from, to] = [profile[i - 1], profile[i]]
    if (from === undefined || to === undefined || to.atMs <= from.atMs) continue
    const ms = Math.min(to.atMs, untilMs) - from.atMs
    if (ms <= 0) continue
    const end = from.qps + ((to.qps - from.qps) * ms) / (to.atMs - from.atMs)
    sum += ((from.qps + end) / 2_000) * ms
  }
  return sum
}

describe('arrivals', () => {
  it('of an even rate are evenly apart', () => {
    const { count, atMs } = steady(200, 250)
    expect(Array.from({ length: count }, (_, i) => atMs(i))).toEqual(Array.from({ length: 50 }, (_, i) => i * 5))
  })

  it('never go back, and none is meant for after the end', () => {
    fc.assert(
      fc.property(profiles, (profile) => {
        const { count, forMs, atMs } = arrivalsOf(profile)
        let before = 0
        for (let i = 0; i < count; i += Math.ceil(count / 200)) {
          expect(atMs(i)).toBeGreaterThanOrEqual(before)
          before = atMs(i)
        }
        expect(before).toBeLessThanOrEqual(forMs)
      }),
    )
  })

  it('are as many before any moment as the rate adds up to', () => {
    fc.assert(
      fc.property(profiles, fc.double({ min: 0, max: 1, noNaN: true }), (profile, share) => {
        const { count, atMs } = arrivalsOf(profile)
        const index = Math.floor(share * Math.max(0, count - 1))
        expect(meantBefore(profile, atMs(index))).toBeCloseTo(index, 3)
        expect(count).toBe(Math.ceil(meantBefore(profile, Number.POSITIVE_INFINITY) - 1e-6))
      }),
    )
  })
})

describe.each(profileNames)('the profile %s', (name) => {
  const profile = profileOf(name, size)

  it('begins at once, ends in time, and is nowhere above the rate that was asked for', () => {
    expect(profile[0]?.atMs).toBe(0)
    expect(profile.at(-1)?.atMs).toBeCloseTo(size.forMs, 6)
    expect(peakOf(profile)).toBeCloseTo(size.qps, 6)
    for (const { qps } of profile) expect(qps).toBeGreaterThan(0)
  })
})

describe('what the profiles are', () => {
  it('lunch has its peak at 11:00 and dinner at 17:00, in the order of the hours', () => {
    expect(profileOf('lunch', size).findIndex(({ qps }) => qps === size.qps)).toBe(2)
    expect(profileOf('dinner', size).findIndex(({ qps }) => qps === size.qps)).toBe(3)
  })

  it('a storm is ten times as much from one moment to the next, and over as fast', () => {
    const { atMs, count } = arrivalsOf(profileOf('storm-x10', size))
    const perSecond = Array.from({ length: 60 }, () => 0)
    for (let i = 0; i < count; i++)
      perSecond[Math.floor(atMs(i) / 1_000)] = (perSecond[Math.floor(atMs(i) / 1_000)] ?? 0) + 1
    expect([perSecond[17], perSecond[18], perSecond[41], perSecond[42]]).toEqual([40, 400, 400, 40])
  })

  it('a ramp rises step by step from a sixteenth, no step as much as a third above the one before', () => {
    const rates = stepsOf(size).map(({ qps }) => qps)
    expect([rates[0], rates.at(-1)]).toEqual([25, 400])
    for (let i = 1; i < rates.length; i++) expect((rates[i] ?? 0) / (rates[i - 1] ?? 1)).toBeLessThan(4 / 3)
  })

  it('a ramp whose steps would be too short to say anything is refused', () => {
    expect(() => stepsOf({ qps: 100, forMs: 20_000 })).toThrow(expect.objectContaining({ code: 'EZ_USAGE' }))
  })
})

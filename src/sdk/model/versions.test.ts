import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packVersion, versionTimeMs, versionZone } from './versions.ts'

const parts = fc.record({
  timeUs: fc.bigInt({ min: 0n, max: (1n << 60n) - 1n }),
  zone: fc.integer({ min: 1, max: 15 }),
})

describe('a version', () => {
  it('fits into a BIGINT UNSIGNED and comes apart again', () => {
    fc.assert(
      fc.property(parts, ({ timeUs, zone }) => {
        const version = packVersion({ timeUs, zone })
        expect(version >> 64n).toBe(0n)
        expect(version >> 4n).toBe(timeUs)
        expect(versionZone(version)).toBe(zone)
      }),
    )
  })

  it('is ordered by time, then by zone, and is never the same for two zones', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const byTime = a.timeUs === b.timeUs ? a.zone - b.zone : a.timeUs < b.timeUs ? -1 : 1
        const [x, y] = [packVersion(a), packVersion(b)]
        expect(Math.sign(byTime)).toBe(x === y ? 0 : x < y ? -1 : 1)
      }),
    )
  })

  it('tells when it was made, in milliseconds', () => {
    expect(versionTimeMs(packVersion({ timeUs: 1_795_273_828_589_861n, zone: 1 }))).toBe(1_795_273_828_589.861)
  })

  it.each([
    { timeUs: 1n, zone: 0 },
    { timeUs: 1n, zone: 16 },
    { timeUs: 1n, zone: 1.5 },
    { timeUs: -1n, zone: 1 },
    { timeUs: 1n << 60n, zone: 1 },
  ])('is not made of $timeUs in zone $zone', (wrong) => {
    expect(() => packVersion(wrong)).toThrow(RangeError)
  })
})

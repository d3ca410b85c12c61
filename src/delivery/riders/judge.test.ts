import { distanceKm, type Position } from '@ezone/sdk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aheadMsMax, judgePosition } from './judge.ts'

const nowMs = 1_800_000_000_000
const at = (lat: number, lng: number, atMs = nowMs): Position => ({ lat, lng, atMs })
const anywhere = fc.record({
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lng: fc.double({ min: -180, max: 180, noNaN: true }),
  atMs: fc.integer({ min: nowMs - 3_600_000, max: nowMs }),
})

describe('a reported position', () => {
  it('is taken when it is the first, wherever that is', () => {
    fc.assert(
      fc.property(anywhere, (p) => {
        expect(judgePosition(null, p, nowMs)).toBe('taken')
      }),
    )
  })

  it('is stale when it is not younger than the last one, also when it is the same again', () => {
    fc.assert(
      fc.property(anywhere, anywhere, (a, b) => {
        const [older, younger] = a.atMs <= b.atMs ? [a, b] : [b, a]
        expect(judgePosition(younger, older, nowMs)).toBe('stale')
      }),
    )
  })

  it('jumps when nobody could have ridden there in the time', () => {
    expect(judgePosition(at(31, 121, nowMs - 1_000), at(31.01, 121), nowMs)).toBe('jumping')
    expect(judgePosition(at(31, 121, nowMs - 60_000), at(31.01, 121), nowMs)).toBe('taken')
  })

  it('does not jump when a rider stands still and its reading is 100 m off', () => {
    expect(judgePosition(at(31, 121, nowMs - 1), at(31.0009, 121), nowMs)).toBe('taken')
  })

  it('is dropped when its clock is ahead of ours, or all that follow would look stale', () => {
    expect(judgePosition(null, at(31, 121, nowMs + aheadMsMax), nowMs)).toBe('taken')
    expect(judgePosition(null, at(31, 121, nowMs + aheadMsMax + 1), nowMs)).toBe('ahead')
  })

  it('never lets a taken one be faster than 180 km/h, beyond 200 m of reading', () => {
    fc.assert(
      fc.property(anywhere, anywhere, (last, next) => {
        if (judgePosition(last, next, nowMs) !== 'taken') return
        expect(distanceKm(last, next) * 1000).toBeLessThanOrEqual(200 + 0.05 * (next.atMs - last.atMs) + 1e-6)
      }),
    )
  })

  it('heals after a first one that was wrong: the right ones are taken in time', () => {
    const wrong = at(39.9, 116.4, nowMs - 24 * 3_600_000)
    expect(judgePosition(wrong, at(31.2, 121.5), nowMs)).toBe('taken')
  })
})

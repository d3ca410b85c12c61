import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distanceKm, dot, type Point, parsePoint, pointText, unitVector } from './geo.ts'

const degrees = (max: number) => fc.integer({ min: -max * 10_000, max: max * 10_000 }).map((n) => n / 10_000)
const point: fc.Arbitrary<Point> = fc.record({ lat: degrees(90), lng: degrees(180) })
const beijing = { lat: 39.9289, lng: 116.3883 }
const shanghai = { lat: 31.2165, lng: 121.4365 }

describe('great-circle distance', () => {
  it('is 1066 km between Beijing and Shanghai', () => {
    expect(distanceKm(beijing, shanghai)).toBeCloseTo(1066, -1)
  })

  it('is a quarter of the meridian from pole to equator', () => {
    expect(distanceKm({ lat: 90, lng: 0 }, { lat: 0, lng: 77 })).toBeCloseTo(10_007.557, 2)
  })

  it('is the same there and back, and nothing to oneself', () => {
    fc.assert(
      fc.property(point, point, (a, b) => {
        expect(distanceKm(a, b)).toBeCloseTo(distanceKm(b, a), 9)
        expect(distanceKm(a, a)).toBe(0)
      }),
    )
  })

  it('is never longer by a detour', () => {
    fc.assert(
      fc.property(point, point, point, (a, b, via) => {
        expect(distanceKm(a, b)).toBeLessThanOrEqual(distanceKm(a, via) + distanceKm(via, b) + 1e-6)
      }),
    )
  })

  it('orders points as the dot product of their directions does', () => {
    fc.assert(
      fc.property(point, point, point, (from, a, b) => {
        const difference = distanceKm(from, a) - distanceKm(from, b)
        fc.pre(Math.abs(difference) > 0.001)
        const [f, va, vb] = [unitVector(from), unitVector(a), unitVector(b)]
        // Near the antipode a metre is below the precision of a double's cosine.
        fc.pre(distanceKm(from, a) < 20_000 && distanceKm(from, b) < 20_000 && distanceKm(from, a) > 1)
        fc.pre(Math.abs(dot(f, va) - dot(f, vb)) > 1e-13)
        expect(dot(f, va) < dot(f, vb)).toBe(difference > 0)
      }),
    )
  })
})

describe('a position in text', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(point, (p) => {
        expect(parsePoint(pointText(p))).toEqual({ lat: p.lat, lng: p.lng })
      }),
    )
  })

  it.each([
    '',
    '31.23',
    '31.23,',
    '91,0',
    '0,181',
    '31.23,121.47,5',
    'NaN,0',
    '1e1,0',
    '0x1f,0',
    '31.23;121.47',
    'Infinity,0',
  ])('refuses %j', (text) => {
    expect(parsePoint(text)).toBeUndefined()
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quantile } from './quantile.ts'

const samples = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 })
const share = fc.double({ min: 0.001, max: 1, noNaN: true })

describe('a quantile', () => {
  it('of the numbers 1 to 100 is the number of its share', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
    expect([0.01, 0.5, 0.99, 1].map((q) => quantile(hundred, q))).toEqual([1, 50, 99, 100])
  })

  it('is one of the samples, with at least its share of them at or below it, and less than its share below it', () => {
    fc.assert(
      fc.property(samples, share, (values, q) => {
        const value = quantile(values, q)
        expect(values).toContain(value)
        const atMost = values.filter((v) => v <= value).length
        const below = values.filter((v) => v < value).length
        // Nearest rank is counted in whole samples, so a rounding error of the product may not decide.
        expect(atMost).toBeGreaterThanOrEqual(q * values.length - 1e-9)
        expect(below).toBeLessThan(q * values.length + 1e-9)
      }),
    )
  })

  it('never falls when its share grows, and does not care for the order of the samples', () => {
    fc.assert(
      fc.property(samples, share, share, (values, a, b) => {
        expect(quantile(values, Math.min(a, b))).toBeLessThanOrEqual(quantile(values, Math.max(a, b)))
        expect(quantile(values.toReversed(), a)).toBe(quantile(values, a))
      }),
    )
  })

  it('of no samples is refused, since nothing is not zero', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError)
  })
})

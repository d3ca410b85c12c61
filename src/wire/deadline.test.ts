import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deadlineOf, within } from './deadline.ts'

const clock = { nowMs: () => 1_000.5, monotonicMs: () => 0 }
const of = (text: string) => deadlineOf({ headers: { 'x-ezone-deadline': text } }, clock, 7_000)

describe('the deadline of a call', () => {
  it('is what the client waits, but never longer than we do', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), (ms) => {
        const { atMs, leftMs } = of(String(ms))
        expect(leftMs).toBe(Math.min(ms, 7_000))
        expect(atMs).toBe(1_001 + leftMs)
      }),
    )
    expect(deadlineOf({ headers: {} }, clock, 7_000)).toEqual({ atMs: 8_001, leftMs: 7_000 })
  })

  it.each(['', '0', '-1', '1.5', 'soon', '1e9', '9999999999'])('is refused where it is %j', (text) => {
    expect(() => of(text)).toThrow(expect.objectContaining({ code: 'EZ_BAD_REQUEST' }))
  })

  it('grows no longer from hop to hop', () => {
    fc.assert(
      fc.property(fc.nat(20_000), fc.array(fc.integer({ min: 1, max: 9_000 }), { maxLength: 5 }), (first, hops) => {
        let deadlineMs = first
        for (const atMostMs of hops) {
          const { atMs, leftMs } = within(deadlineMs, clock, atMostMs)
          expect(atMs).toBeLessThanOrEqual(deadlineMs)
          expect(leftMs).toBeGreaterThanOrEqual(1)
          deadlineMs = atMs
        }
      }),
    )
  })
})

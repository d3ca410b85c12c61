import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Deadline, deadlineOf } from './deadline.ts'

let [nowMs, monotonicMs] = [0, 0]
const clock = { nowMs: () => nowMs, monotonicMs: () => monotonicMs }
const of = (text: string) => deadlineOf({ headers: { 'x-ezone-deadline': text } }, clock, 7_000)

describe('the deadline of a call', () => {
  it('is what the client waits, but never longer than we do', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), (ms) => {
        expect(of(String(ms)).leftMs).toBe(Math.min(ms, 7_000))
      }),
    )
    expect(deadlineOf({ headers: {} }, clock, 7_000).leftMs).toBe(7_000)
  })

  it.each(['', '0', '-1', '1.5', 'soon', '1e9', '9999999999'])('is refused where it is %j', (text) => {
    expect(() => of(text)).toThrow(expect.objectContaining({ code: 'EZ_BAD_REQUEST' }))
  })

  it('leaves as much less as has gone by, whatever becomes of the wall clock', () => {
    fc.assert(
      fc.property(fc.nat(9_000), fc.nat(9_000), fc.integer(), (forMs, goneMs, skewMs) => {
        const deadline = new Deadline(clock, forMs)
        monotonicMs += goneMs
        nowMs += skewMs
        expect(deadline.leftMs).toBe(forMs - goneMs)
      }),
    )
  })

  it('grows no longer from hop to hop', () => {
    fc.assert(
      fc.property(fc.nat(20_000), fc.array(fc.nat(3_000), { maxLength: 5 }), (first, hops) => {
        let leftMs = first
        for (const goneMs of hops) {
          const deadline = new Deadline(clock, leftMs)
          monotonicMs += goneMs
          expect(deadline.leftMs).toBeLessThanOrEqual(leftMs - goneMs)
          leftMs = deadline.leftMs
        }
      }),
    )
  })
})

import type { Clock } from '@ezone/sdk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecentCount, RecentMax } from './recent.ts'

function clockAt(start: number): Clock & { ms: number } {
  const clock = { ms: start, nowMs: () => clock.ms, monotonicMs: () => clock.ms }
  return clock
}
/** Steps of time in seconds, each with a value. */
const events = fc.array(fc.tuple(fc.nat({ max: 15 }), fc.nat(99)), { maxLength: 60 })

describe('what happened in the last ten seconds', () => {
  it('is counted by the second, and forgotten after ten', () => {
    fc.assert(
      fc.property(events, (steps) => {
        const clock = clockAt(0)
        const [count, greatest] = [new RecentCount(clock, 10), new RecentMax(clock, 10)]
        const seen: { second: number; value: number }[] = []
        for (const [seconds, value] of steps) {
          clock.ms += seconds * 1000
          count.add()
          greatest.add(value)
          seen.push({ second: clock.ms / 1000, value })
          const lately = seen.filter(({ second }) => second > clock.ms / 1000 - 10)
          expect(count.value).toBe(lately.length)
          expect(greatest.value).toBe(Math.max(...lately.map((one) => one.value)))
        }
      }),
    )
  })

  it('is nothing where nothing happened', () => {
    const clock = clockAt(123_456)
    expect([new RecentCount(clock, 10).value, new RecentMax(clock, 10).value]).toEqual([0, 0])
  })
})

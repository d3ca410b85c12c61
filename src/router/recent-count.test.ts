import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecentCount } from './recent-count.ts'

describe('the count of recent requests', () => {
  it('is the number of those in the last ten whole seconds, whatever came before', () => {
    const step = fc.record({ passMs: fc.nat(4000), count: fc.nat(3) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let nowMs = 0
        const recent = new RecentCount({ nowMs: () => 0, monotonicMs: () => nowMs })
        const all: number[] = []
        for (const { passMs, count } of steps) {
          nowMs += passMs
          for (let i = 0; i < count; i++) {
            recent.add()
            all.push(Math.floor(nowMs / 1000))
          }
          expect(recent.value).toBe(all.filter((second) => second > Math.floor(nowMs / 1000) - 10).length)
        }
      }),
    )
  })
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { pauseMs } from './restarts.ts'

const times = fc.array(fc.integer({ min: 0, max: 300_000 }), { minLength: 1, maxLength: 12 })

it('a program that keeps ending is started again ever later, and at last not at all', () => {
  const ends = [0, 1, 2, 3, 4, 5].map((i) => i * 1_000)
  const pauses = ends.map((at, index) => pauseMs(ends.slice(0, index + 1), at))
  expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, null])
})

it('counts the last minute alone, and never waits for longer than eight seconds', () => {
  fc.assert(
    fc.property(times, (given) => {
      const ends = given.toSorted((a, b) => a - b)
      const nowMs = ends.at(-1) ?? 0
      const lately = ends.filter((at) => nowMs - at < 60_000)
      expect(pauseMs(ends, nowMs)).toBe(pauseMs(lately, nowMs))
      expect(pauseMs(ends, nowMs) === null).toBe(lately.length > 5)
      expect(pauseMs(ends, nowMs) ?? 500).toSatisfy((ms: number) => ms >= 500 && ms <= 8_000)
    }),
  )
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Binlog, firstToKeep } from './housekeeping.ts'

const named = (sizes: readonly number[]): readonly Binlog[] =>
  sizes.map((bytes, index) => ({ name: `binlog.${String(index + 1).padStart(6, '0')}`, bytes }))

const sizes = fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 20 })
const bytesOf = (binlogs: readonly Binlog[]) => binlogs.reduce((sum, { bytes }) => sum + bytes, 0)

it('keeps everything while it fits', () => {
  expect(firstToKeep(named([40, 40, 20]), 100)).toBeNull()
})

it('lets the oldest go first, and no more of them than it must', () => {
  expect(firstToKeep(named([40, 40, 40, 20]), 100)).toBe('binlog.000002')
})

it('keeps the newest file, however large: it is being written', () => {
  expect(firstToKeep(named([10, 500]), 100)).toBe('binlog.000002')
  expect(firstToKeep(named([500]), 100)).toBeNull()
})

it('has nothing to let go of where there are no binlogs', () => {
  expect(firstToKeep([], 100)).toBeNull()
})

it('for any files: keeps the newest, keeps no more than the limit besides it, and could not have kept one more', () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 500 }), (drawn, bytesMax) => {
      const binlogs = named(drawn)
      const name = firstToKeep(binlogs, bytesMax)
      const first = name === null ? 0 : binlogs.findIndex((binlog) => binlog.name === name)
      const kept = binlogs.slice(first)
      expect(kept.at(-1)).toBe(binlogs.at(-1))
      if (kept.length > 1) expect(bytesOf(kept)).toBeLessThanOrEqual(bytesMax)
      if (first > 0) expect(bytesOf(binlogs.slice(first - 1))).toBeGreaterThan(bytesMax)
    }),
  )
})

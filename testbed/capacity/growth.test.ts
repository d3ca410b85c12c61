import { describe, expect, it } from 'vitest'
import { parseGrowth } from './growth.ts'

describe('a growth', () => {
  it.each([
    ['2', 2],
    ['1.5', 1.5],
    ['1000', 1_000],
  ])('%s is a number', (text, growth) => {
    expect(parseGrowth(text)).toBe(growth)
  })

  it.each(['0', '-1', '1001', 'x', '', '1e3', 'Infinity'])('%j is refused', (text) => {
    expect(() => parseGrowth(text)).toThrow(expect.objectContaining({ code: 'EZ_USAGE' }))
  })
})

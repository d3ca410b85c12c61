import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseOctets, offsetOf } from './blocks.ts'

describe('address blocks', () => {
  it('are 127.10, 127.20, 127.30 for the first testbed', () => {
    expect([...chooseOctets(['bj', 'sh', 'edge'], new Set())]).toEqual([
      ['bj', 10],
      ['sh', 20],
      ['edge', 30],
    ])
  })

  it('never are blocks that somebody has, and never two places in one', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 254 }), { maxLength: 250 }),
        fc.nat(253),
        (taken, offset) => {
          const chosen = [...chooseOctets(['a', 'b', 'c'], new Set(taken), offset).values()]
          expect(new Set(chosen).size).toBe(3)
          expect(chosen.some((octet) => taken.includes(octet))).toBe(false)
        },
      ),
    )
  })

  it('begin elsewhere for another state folder, whose stopped testbeds cannot be seen', () => {
    expect(offsetOf('any', true)).toBe(0)
    const [a, b] = ['one', 'two'].map((folder) => [
      ...chooseOctets(['bj'], new Set(), offsetOf(folder, false)).values(),
    ])
    expect(a).not.toEqual(b)
  })

  it('are refused with a way out when all are taken', () => {
    const all = new Set(Array.from({ length: 254 }, (_, i) => i + 1))
    expect(() => chooseOctets(['bj'], all)).toThrow(expect.objectContaining({ code: 'EZ_PORT_TAKEN' }))
  })
})

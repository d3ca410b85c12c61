import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatPath, parsePath } from './calls.ts'

describe('the way of a call', () => {
  it('is written as documented', () => {
    const hops = [
      { name: 'soa-proxy', place: 'bj', ms: null },
      { name: 'soa-proxy', place: 'sh', ms: 31.94 },
      { name: 'orders', place: 'sh', ms: 1.3 },
    ]
    expect(formatPath(hops)).toBe('soa-proxy@bj > soa-proxy@sh 31.9 > orders@sh 1.3')
  })

  it('is read back as it was written', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/)
    const ms = fc.option(fc.nat(99_999).map((tenths) => tenths / 10))
    const hops = fc.array(fc.record({ name: word, place: word, ms }), { minLength: 1, maxLength: 4 })
    fc.assert(fc.property(hops, (way) => void expect(parsePath(formatPath(way))).toEqual(way)))
  })

  it.each([null, undefined, '', 'soa-proxy', 'a@b > ', 'a@b fast'])('is not read from %j', (text) => {
    expect(parsePath(text)).toBeUndefined()
  })
})

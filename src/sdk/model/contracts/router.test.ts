import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatRoute, parseRoute } from './router.ts'

describe('the x-ezone header', () => {
  it('is written as documented', () => {
    expect(formatRoute({ zone: 'sh', shard: 31, epoch: 1, rule: 'geo' })).toBe('sh; shard=31; epoch=1; rule=geo')
  })

  it('is read back as it was written', () => {
    const route = fc.record({
      zone: fc.stringMatching(/^[a-z][a-z0-9]{0,11}$/),
      shard: fc.nat(),
      epoch: fc.nat(),
      rule: fc.constantFrom('geo', 'geo-nearest-fence', 'order', 'fallback'),
    })
    fc.assert(fc.property(route, (r) => void expect(parseRoute(formatRoute(r))).toEqual(r)))
  })

  it.each([null, undefined, '', 'sh', 'sh; shard=x; epoch=1; rule=geo', 'sh; shard=31; epoch=1'])(
    'is not read from %j',
    (text) => {
      expect(parseRoute(text)).toBeUndefined()
    },
  )
})

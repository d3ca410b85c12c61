import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crossed, enteredHops, hopsMax } from './hops.ts'

describe('hops', () => {
  it('let every request cross from zone to zone once, and none twice, wherever it began', () => {
    const zone = fc.constantFrom('bj', 'sh', 'gz')
    fc.assert(
      fc.property(fc.array(zone, { minLength: 1, maxLength: 10 }), (way) => {
        let hops = enteredHops
        let crossings = 0
        try {
          for (let i = 1; i < way.length; i++) {
            const [from = '', to = ''] = way.slice(i - 1, i + 1)
            if (from === to) continue
            hops = crossed(hops, { from, to })
            crossings++
          }
          expect(crossings).toBeLessThanOrEqual(1)
        } catch (error) {
          expect(error).toMatchObject({ code: 'EZ_TOO_MANY_HOPS' })
          expect(crossings).toBe(1)
        }
        expect(hops).toBeLessThanOrEqual(hopsMax)
      }),
    )
  })
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { broken, type Finding, holds, unknown, worst } from './finding.ts'

const finding = fc.constantFrom<Finding>(holds(1), broken(1, 'so'), unknown('so'))

it('the verdict of several findings is the worst of them, and of none it is unknown', () => {
  expect(worst([])).toBe('unknown')
  fc.assert(
    fc.property(fc.array(finding, { minLength: 1 }), (findings) => {
      const has = (verdict: Finding['verdict']) => findings.some((one) => one.verdict === verdict)
      expect(worst(findings)).toBe(has('invalid') ? 'invalid' : has('unknown') ? 'unknown' : 'valid')
    }),
  )
})

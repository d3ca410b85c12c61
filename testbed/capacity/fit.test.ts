import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpusAt, fitLine, type Measured, rateAt } from './fit.ts'

const base = fc.double({ min: 0, max: 4, noNaN: true })
const cost = fc.double({ min: 0.01, max: 20, noNaN: true })
const rates = fc.uniqueArray(fc.integer({ min: 1, max: 5_000 }), { minLength: 2, maxLength: 8 })
const anything = fc.array(
  fc.record({ qps: fc.integer({ min: 1, max: 5_000 }), cpus: fc.double({ min: 0, max: 64, noNaN: true }) }),
  { maxLength: 8 },
)
const lineOf = (baseCpus: number, msPerRequest: number, qpss: readonly number[]): readonly Measured[] =>
  qpss.map((qps) => ({ qps, cpus: cpusAt({ baseCpus, msPerRequest }, qps) }))

describe('a line through what was measured', () => {
  it('is the line that it was measured on', () => {
    fc.assert(
      fc.property(base, cost, rates, (baseCpus, msPerRequest, qpss) => {
        const fit = fitLine(lineOf(baseCpus, msPerRequest, qpss))
        expect(fit.msPerRequest).toBeCloseTo(msPerRequest, 4)
        expect(fit.baseCpus).toBeCloseTo(baseCpus, 4)
        expect(fit.offCpusMax).toBeCloseTo(0, 4)
      }),
    )
  })

  it('never begins below nothing and never falls, whatever was measured', () => {
    fc.assert(
      fc.property(anything, (measured) => {
        const fit = fitLine(measured)
        expect(fit.baseCpus).toBeGreaterThanOrEqual(0)
        expect(fit.msPerRequest).toBeGreaterThanOrEqual(0)
        expect(Number.isFinite(fit.offCpusMax)).toBe(true)
      }),
    )
  })

  it('is not worse than any other line that may be drawn', () => {
    const error = (measured: readonly Measured[], line: { baseCpus: number; msPerRequest: number }) =>
      measured.reduce((sum, { qps, cpus }) => sum + (cpusAt(line, qps) - cpus) ** 2, 0)
    fc.assert(
      fc.property(anything, base, cost, (measured, baseCpus, msPerRequest) => {
        fc.pre(new Set(measured.map(({ qps }) => qps)).size > 1)
        const other = error(measured, { baseCpus, msPerRequest })
        expect(error(measured, fitLine(measured))).toBeLessThanOrEqual(other * (1 + 1e-9) + 1e-9)
      }),
    )
  })

  it('says at which rate it comes to so many processors, and at that rate it does', () => {
    fc.assert(
      fc.property(base, cost, fc.double({ min: 0.1, max: 64, noNaN: true }), (baseCpus, msPerRequest, cpus) => {
        const rate = rateAt({ baseCpus, msPerRequest }, cpus)
        expect(cpusAt({ baseCpus, msPerRequest }, rate ?? 0)).toBeCloseTo(Math.max(cpus, baseCpus), 6)
      }),
    )
  })

  it('that costs nothing more for a request never comes to an end', () => {
    expect(rateAt({ baseCpus: 0.2, msPerRequest: 0 }, 1)).toBeNull()
    expect(fitLine([])).toEqual({ baseCpus: 0, msPerRequest: 0, offCpusMax: 0 })
  })
})

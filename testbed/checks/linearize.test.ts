import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linearizable, type TimedCall } from './linearize.ts'

/** A register that is written and read: what linearizability was defined with. */
interface Access {
  readonly callMs: number
  readonly tookMs: number
  readonly what: 'write' | 'read'
  readonly value: string
  readonly heard: boolean
}

const call = ({ callMs, tookMs, what, value, heard }: Access): TimedCall<string> => ({
  callMs,
  returnMs: heard ? callMs + tookMs : Number.POSITIVE_INFINITY,
  apply: (state) => (what === 'write' || state === value ? value : undefined),
})

/** By trying every order of every subset that has all calls that returned. */
function byTrying(calls: readonly TimedCall<string>[], state: string): boolean {
  if (calls.every(({ returnMs }) => returnMs === Number.POSITIVE_INFINITY)) return true
  const soonest = Math.min(...calls.map(({ returnMs }) => returnMs))
  return calls.some((one) => {
    const after = one.callMs <= soonest ? one.apply(state) : undefined
    return (
      after !== undefined &&
      byTrying(
        calls.filter((other) => other !== one),
        after,
      )
    )
  })
}

const access: fc.Arbitrary<Access> = fc.record({
  callMs: fc.integer({ min: 0, max: 12 }),
  tookMs: fc.integer({ min: 1, max: 8 }),
  what: fc.constantFrom('write', 'read'),
  value: fc.constantFrom('', 'a', 'b', 'c'),
  heard: fc.boolean(),
})

describe('a concurrent history', () => {
  it('is explained by some order exactly where trying all of them finds one', () => {
    const verdicts = { yes: 0, no: 0, unknown: 0 }
    fc.assert(
      fc.property(fc.array(access, { maxLength: 6 }), (accesses) => {
        const calls = accesses.map(call)
        const verdict = linearizable(calls, '', 100_000)
        verdicts[verdict]++
        expect(verdict).toBe(byTrying(calls, '') ? 'yes' : 'no')
      }),
      { numRuns: 2_000, seed: 1 },
    )
    expect(verdicts.yes).toBeGreaterThan(200)
    expect(verdicts.no).toBeGreaterThan(200)
  })

  it('may lack what nobody was answered, and may have it at any time later', () => {
    const write = call({ callMs: 0, tookMs: 1, what: 'write', value: 'a', heard: false })
    const read = (value: string, callMs: number) => call({ callMs, tookMs: 1, what: 'read', value, heard: true })
    expect(linearizable([write, read('', 10)], '', 1_000)).toBe('yes')
    expect(linearizable([write, read('', 10), read('a', 20)], '', 1_000)).toBe('yes')
    expect(linearizable([write, read('a', 10), read('', 20)], '', 1_000)).toBe('no')
  })

  it('that takes too many steps is not judged', () => {
    const writes = Array.from({ length: 40 }, (_, i) =>
      call({ callMs: 0, tookMs: 100, what: 'write', value: `v${i}`, heard: true }),
    )
    const impossible = call({ callMs: 200, tookMs: 1, what: 'read', value: 'never written', heard: true })
    expect(linearizable([...writes, impossible], '', 5_000)).toBe('unknown')
  })

  it('of ten thousand calls after one another takes no time to speak of', () => {
    const calls = Array.from({ length: 5_000 }, (_, i) => [
      call({ callMs: i * 10, tookMs: 2, what: 'write', value: `v${i}`, heard: true }),
      call({ callMs: i * 10 + 5, tookMs: 2, what: 'read', value: `v${i}`, heard: true }),
    ]).flat()
    expect(linearizable(calls.slice(0, 1_000), '', 1_000_000)).toBe('yes')
  })
})

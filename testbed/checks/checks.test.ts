import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../ledger/history.ts'
import { plantedHistories } from '../testing/planted-histories.ts'
import type { Planted } from '../testing/planting.ts'
import { historyOf, type PlayedOptions, playedHistory } from '../testing/played-history.ts'
import { checks } from './all.ts'
import type { Allowed } from './claim.ts'
import { judge } from './judge.ts'

const allowed: Allowed = { lossWindowMs: 0, ackMs: 3_000, lagOffMs: 1_000 }
const operations = 600

const judged = (entries: readonly Entry[]) => judge(historyOf(entries), { allowed })
const invalidOf = (entries: readonly Entry[]) =>
  judged(entries)
    .claims.filter(({ verdict }) => verdict === 'invalid')
    .map(({ name, counterexample }) => ({ name, counterexample }))
const planted = ({ options, plant }: Planted, seed: number) => plant(playedHistory({ seed, operations, ...options }))

const played: fc.Arbitrary<PlayedOptions> = fc.record({
  seed: fc.integer(),
  // Fewer might by chance register no phone, and then nothing is known of phones.
  operations: fc.integer({ min: 300, max: 600 }),
  policy: fc.constantFrom('available', 'strict'),
  move: fc.constantFrom('planned', 'takeover', null),
})

describe('what can be claimed of a run', () => {
  it('holds for every correct run, whatever was drawn', () => {
    fc.assert(
      fc.property(played, (options) => {
        const { verdict, claims } = judged(playedHistory(options))
        expect(claims.filter((claim) => claim.verdict !== 'valid')).toEqual([])
        expect(verdict).toBe('valid')
      }),
      { numRuns: 40 },
    )
  })

  it('has names and statements of its own, and at least three things planted for each', () => {
    const names = checks.map(({ name }) => name)
    expect(new Set(names).size).toBe(12)
    expect(new Set(checks.map(({ statement }) => statement)).size).toBe(12)
    for (const name of names) expect(plantedHistories.filter(({ claim }) => claim === name).length).toBeGreaterThan(2)
  })

  for (const one of plantedHistories)
    it(`${one.claim} finds it where ${one.what}, and tells it`, () => {
      const [found, ...others] = invalidOf(planted(one, 4711))
      expect(others).toEqual([])
      expect(found?.name).toBe(one.claim)
      expect(found?.counterexample).toMatch(one.tells)
    })

  it('exactly one does not hold where one thing is wrong, in whatever run', () => {
    fc.assert(
      fc.property(fc.constantFrom(...plantedHistories), fc.integer(), (one, seed) => {
        expect(invalidOf(planted(one, seed)).map(({ name }) => name)).toEqual([one.claim])
      }),
      { numRuns: 40 },
    )
  })
})

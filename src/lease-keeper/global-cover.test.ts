import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Cover, type CoverAct } from './global-cover.ts'
import { limits } from './limits.ts'

const quiet = { on: false, receivers: 1, waiting: 0, received: 0 }
const look = 250

/** What is decided at each look, from now on every `look` milliseconds. */
function acts(cover: Cover, views: readonly Partial<Parameters<Cover['decide']>[0]>[]): readonly CoverAct[] {
  return views.map((view, i) =>
    cover.decide({ covered: false, semiSync: quiet, others: 1, near: false, nowMs: i * look, ...view }),
  )
}
const times = <T>(n: number, value: T) => Array.from({ length: n }, () => value)

describe('the cover of the global master', () => {
  it('is said only after commits wait, and after the others were found to have what came before, twice', () => {
    const on = { ...quiet, on: true }
    const views = [{ near: true }, { semiSync: on }, { semiSync: on, near: true }, { semiSync: on, near: true }]
    expect(acts(new Cover(), views)).toEqual(['wait-for-all', 'nothing', 'nothing', 'cover'])
  })

  it('does not let commits wait for a zone that is far behind, or away', () => {
    expect(acts(new Cover(), [{}, {}])).toEqual(['nothing', 'nothing'])
    const away = { ...quiet, receivers: 0 }
    expect(acts(new Cover(), [{ semiSync: away, near: true }])).toEqual(['nothing'])
  })

  it('lets commits go again that wait in vain while nothing is said of it', () => {
    const on = { ...quiet, on: true }
    expect(acts(new Cover(), [{ semiSync: on }])).toEqual(['go-alone'])
    const stuck = { ...on, waiting: 2 }
    const said = acts(new Cover(), [{ near: true }, ...times(6, { semiSync: stuck })])
    expect(said).toContain('go-alone')
  })

  it('is given up where a commit waits for long, but not while they are received one after the other', () => {
    const waits = (received: number) => ({ covered: true, semiSync: { on: true, receivers: 1, waiting: 3, received } })
    expect(acts(new Cover(), [waits(1), waits(2), waits(3), waits(4), waits(5)])).toEqual(times(5, 'nothing'))
    const said = acts(new Cover(), times(6, waits(1)))
    expect(said.indexOf('uncover') * look).toBeGreaterThanOrEqual(limits.coverStuckMs)
  })

  it('is given up where another zone is away for long although nobody waits, and where commits do not wait at all', () => {
    const away = { covered: true, semiSync: { ...quiet, on: true, receivers: 0 } }
    const said = acts(new Cover(), times(15, away))
    expect(said.indexOf('uncover') * look).toBeGreaterThanOrEqual(limits.coverAwayMs)
    expect(acts(new Cover(), [{ covered: true, semiSync: quiet }])).toEqual(['uncover'])
  })

  it('whatever is seen: commits never go alone while it is said, and it is said only while they wait for all', () => {
    const seen = fc.record({
      receivers: fc.constantFrom(0, 1),
      waiting: fc.constantFrom(0, 3),
      received: fc.nat(2),
      near: fc.boolean(),
      afterMs: fc.constantFrom(look, 4_000),
    })
    fc.assert(
      fc.property(fc.array(seen, { maxLength: 60 }), (looks) => {
        const cover = new Cover()
        let [covered, on, nowMs, looksOn] = [false, false, 0, 0]
        for (const { near, afterMs, ...rest } of looks) {
          nowMs += afterMs
          const act = cover.decide({ covered, semiSync: { on, ...rest }, others: 1, near, nowMs })
          if (act === 'go-alone') expect(covered).toBe(false)
          if (act === 'cover') expect([on, near, rest.receivers, looksOn >= 1]).toEqual([true, true, 1, true])
          looksOn = on ? looksOn + 1 : 0
          // As the Coverer carries it out, the truth first.
          covered = act === 'cover' || (covered && act !== 'uncover')
          on = act === 'wait-for-all' || (on && act !== 'go-alone' && act !== 'uncover')
        }
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { StopCondition } from './stop-condition.ts'

/** Looks once a second at one object that is counted up, as a load does. */
function played(...seconds: readonly { readonly ok: number; readonly bad: number }[]): readonly (string | null)[] {
  let nowMs = 0
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  const condition = new StopCondition({ okShareBelow: 0.5, for: 3_000 }, clock)
  const counts = { ok: 0, failed: 0, unknown: 0 }
  return seconds.map(({ ok, bad }) => {
    nowMs += 1_000
    counts.ok += ok
    counts.failed += bad
    return condition.look(counts)
  })
}

describe('a drill is broken off', () => {
  const [good, bad, nothing] = [
    { ok: 9, bad: 1 },
    { ok: 4, bad: 6 },
    { ok: 0, bad: 0 },
  ]

  it('when too little ends well for long enough, and not before', () => {
    expect(played(good, bad, bad, bad, bad)).toEqual([
      ...[null, null, null, null],
      'for 3 s less than 50 % of all operations ended well',
    ])
  })

  it('when nothing is answered at all', () => {
    expect(played(nothing, nothing, nothing, nothing).at(-1)).toContain('for 3 s')
  })

  it('not while it goes well, nor where it went badly for a moment only', () => {
    expect(played(good, good, good, good, good, good).every((why) => why === null)).toBe(true)
    expect(played(bad, bad, good, bad, bad, good, bad, bad).every((why) => why === null)).toBe(true)
  })
})

import type { EntryOf } from '../ledger/history.ts'
import { type Contradiction, define } from './define.ts'
import { count } from './words.ts'

type Replicated = EntryOf<'replicated'>

/** Of the totals nothing is made: they are counted one after the other, while markers are still written. */
export const nothingAppliedTwice = define({
  name: 'nothing-applied-twice',
  statement: 'No change was logged twice, applied twice, or sent back to where it was made',
  missing: ({ replicated }) => (replicated.length === 0 ? 'nobody counted what replication did' : null),
  look({ replicated }) {
    const last = [...new Map(replicated.map((one) => [`${one.source}>${one.target}`, one])).values()]
    return { checked: last.reduce((sum, { committed }) => sum + committed, 0), found: last.flatMap(repeats) }
  },
})

function repeats(one: Replicated): readonly Contradiction[] {
  const { source, target, repeatedInLog, appliedTwice } = one
  const wrongs = [
    [
      repeatedInLog > 0,
      `${count(repeatedInLog, 'change')} in the log of ${source} stand there more than once, or were made in another zone`,
    ],
    [appliedTwice > 0, `${count(appliedTwice, 'change')} of ${source} were applied in ${target} more than once`],
  ] as const
  return wrongs.filter(([is]) => is).map(([, text]) => ({ ids: [], size: 1, story: () => text }))
}

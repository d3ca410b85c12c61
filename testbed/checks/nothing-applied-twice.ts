import type { EntryOf } from '../ledger/history.ts'
import { type Contradiction, define } from './define.ts'
import { count } from './words.ts'

type Replicated = EntryOf<'replicated'>

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
  const { source, target, committed, logged, applied, repeatedInLog, appliedTwice } = one
  const wrongs = [
    [repeatedInLog > 0, `${count(repeatedInLog, 'change')} of ${source} stand in its log more than once`],
    [appliedTwice > 0, `${count(appliedTwice, 'change')} of ${source} were applied in ${target} more than once`],
    [
      logged > committed,
      `the log of ${source} has ${count(logged, 'change')}, but only ${committed} were made there: others came back`,
    ],
    [applied > logged, `${target} applied ${count(applied, 'change')} of ${source}, whose log has only ${logged}`],
  ] as const
  return wrongs.filter(([is]) => is).map(([, text]) => ({ ids: [], size: 1, story: () => text }))
}

import type { EntryOf, History, OperationEntry } from '../ledger/history.ts'
import { type Contradiction, define } from './define.ts'
import { compareVersions, pushTo } from './operations.ts'
import { whyBrokenOff } from './soundness.ts'
import { at, whoSaid } from './words.ts'

type SharedRow = EntryOf<'shared'>

/** Of all writes of a row, in whatever zones, the one with the greatest version stands; and a row that went stays gone. */
export const lastWriterRespected = define({
  name: 'last-writer-respected',
  statement: 'Of every row written in several zones the greatest version stands, and what was removed stays removed',
  applies: ({ op }) => op.some(({ kind }) => kind === 'change' || kind === 'remove'),
  missing: (history) =>
    whyBrokenOff(history) ??
    (history.shared.length === 0 ? 'no rows of the conflict client were read at the end' : null),
  look(history) {
    const writes = new Map<string, OperationEntry[]>()
    for (const op of history.op)
      if ((op.kind === 'change' || op.kind === 'remove') && op.subject !== null) pushTo(writes, op.subject, op)
    const rows = new Map<string, SharedRow[]>()
    for (const row of history.shared) pushTo(rows, row.key, row)
    const found: Contradiction[] = [...wrongWinners(history)]
    for (const [key, ops] of writes) {
      const contradiction = wrongRow(key, ops, rows.get(key) ?? [])
      if (contradiction !== null) found.push(contradiction)
    }
    return { checked: writes.size, found }
  },
})

function wrongRow(key: string, ops: readonly OperationEntry[], rows: readonly SharedRow[]): Contradiction | null {
  const greatest = ops
    .filter((op) => op.outcome === 'ok' && op.version !== null)
    .reduce<OperationEntry | undefined>(
      (best, op) => (best === undefined || compareVersions(op.version ?? '', best.version ?? '') > 0 ? op : best),
      undefined,
    )
  if (greatest === undefined) return null
  const doubtful = ops.filter(({ outcome }) => outcome === 'unknown')
  for (const row of rows.length > 0 ? rows : [absent(key)]) {
    const why = wrong(row, greatest, doubtful)
    if (why !== null)
      return { ids: [key], size: 2, story: () => `row ${key}: ${promised(greatest)}; at the end ${row.zone} ${why}` }
  }
  return null
}

const absent = (key: string): SharedRow => ({ type: 'shared', zone: 'every zone', key, value: null, version: null })

/** Operations nobody knows the outcome of may have come last. */
function wrong(row: SharedRow, last: OperationEntry, doubtful: readonly OperationEntry[]): string | null {
  const wanted = last.kind === 'remove' ? null : last.wanted
  const mayBeDoubtful = doubtful.some((op) => (op.kind === 'remove' ? null : op.wanted) === row.value)
  if (row.version === null) {
    // Gone, and its tombstone with it.
    return row.value === wanted || mayBeDoubtful ? null : 'has nothing'
  }
  const has = `has ${row.value ?? 'nothing'}, version ${row.version}`
  const order = compareVersions(row.version, last.version ?? '')
  if (order < 0)
    return last.kind === 'remove' && row.value !== null ? `${has}: it has come back` : `${has}: an older one`
  if (order > 0) return mayBeDoubtful ? null : `${has}, which nobody wrote`
  return row.value === wanted ? null : `${has}: the same version with something else`
}

function promised(op: OperationEntry): string {
  const what = op.kind === 'remove' ? 'it was removed' : `it is ${op.wanted}`
  return `${at(op.answeredMs)} ${whoSaid(op)} told ${op.client} that ${what}, version ${op.version}`
}

/** What the platform itself put on record: of two versions it must have kept the greater. */
function wrongWinners({ conflict }: History): readonly Contradiction[] {
  return conflict
    .filter(({ winner, loser }) => isVersion(winner) && isVersion(loser) && compareVersions(winner, loser) < 0)
    .map(({ zone, table, key, winner, loser }) => ({
      ids: [key],
      size: 1,
      story: () => `row ${key} of ${table}: ${zone} kept version ${winner} and dropped ${loser}, which is greater`,
    }))
}

const isVersion = (text: string): boolean => /^[1-9]\d{0,19}$/.test(text)

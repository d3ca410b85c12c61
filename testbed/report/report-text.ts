import { table } from '../face/table.ts'
import type { DiffRow, ReportDiff } from './diff.ts'
import type { ListedRun } from './list-runs.ts'
import { msText } from './phrase.ts'

/** For `ezone report list`. */
export function runsText(runs: readonly ListedRun[]): string {
  if (runs.length === 0) return 'no run of this testbed has left a report; `ezone drill run` makes one'
  return table(
    ['run', 'drill', 'verdict', 'grade', 'RTO', 'orders lost'],
    runs.map((run) => [
      run.run,
      run.drill,
      run.error === null ? run.verdict : 'unreadable',
      run.grade,
      msText(run.rtoMs),
      run.rpoOrders,
    ]),
  )
}

/** For `ezone report diff`: what is the same stays away. */
export function diffText({ a, b, comparable, figures, claims }: ReportDiff): string {
  const rows = [...figures, ...claims].filter(({ change }) => change !== 'same')
  const warning = comparable ? [] : ['not the same drill under the same policy: figures side by side, no more', '']
  if (rows.length === 0) return [...warning, `${a} and ${b} are the same in every figure and claim`].join('\n')
  return [...warning, table(['', a, b, ''], rows.map(cells))].join('\n')
}

function cells({ name, a, b, change }: DiffRow): readonly (string | number | null)[] {
  const text = (value: DiffRow['a']) => (typeof value === 'number' && name.endsWith('Ms') ? msText(value) : value)
  return [name, text(a), text(b), change === 'other' ? '' : change]
}

import { table } from '../../face/table.ts'
import { differenceText, type VerifyReport } from './report.ts'

const shownMax = 20

export function verifyText({ equal, zones, tables, differences, unknown, tookMs }: VerifyReport): string {
  const rows = tables.map((one) => [
    one.name,
    ...zones.map((zone) => one.rows[zone] ?? null),
    one.pending,
    one.differing,
    one.unknown,
  ])
  const lines = [
    ...(rows.length > 0
      ? [table(['table', ...zones.map((zone) => `rows ${zone}`), 'on the way', 'different', 'unknown'], rows), '']
      : []),
    ...tables.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`)),
    ...tables.flatMap((one) => (one.complete || one.differing === 0 ? [] : [`${one.name}: not compared to its end`])),
    ...differences.slice(0, shownMax).map(differenceText),
    ...(differences.length > shownMax ? [`… ${differences.length - shownMax} more with --json`] : []),
    ...unknown.map(({ reason }) => `unknown: ${reason}`),
  ]
  const outcome = equal === null ? 'not known to be equal' : equal ? 'equal' : 'different'
  return [...lines, `${zones.join(', ')}: ${outcome} (${(tookMs / 1_000).toFixed(1)} s)`].join('\n')
}

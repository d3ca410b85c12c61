import { table } from '../face/table.ts'
import type { DrcLag } from './lag.ts'
import { type Lane, laneName } from './lanes.ts'
import type { DrcReport } from './status.ts'

export function statusText({ instances, silent, lanes }: DrcReport): string {
  const rows = lanes.map((lane) => [
    laneName(lane),
    lane.state,
    lane.holder,
    lane.standbys.join(' ') || null,
    lane.position?.gno ?? null,
    lane.head?.gno ?? null,
    lane.behind,
    lane.lagMs === null ? null : `${lane.lagMs.p50} ms`,
    lane.lagMs === null ? null : `${lane.lagMs.p99} ms`,
    lane.transactions,
    lane.rows,
    lane.conflicts,
  ])
  const head = [
    'lane',
    'state',
    'by',
    'standby',
    'position',
    'head',
    'behind',
    'p50',
    'p99',
    'carried',
    'rows',
    'conflicts',
  ]
  const dead = instances.filter(({ answers }) => !answers).map(({ name }) => name)
  return [
    table(head, rows),
    ...lanes.flatMap(stoppedText),
    ...(dead.length > 0 ? ['', `no answer from ${dead.join(', ')}`] : []),
    ...silent.map((zone) => `no answer from MySQL of ${zone}`),
  ].join('\n')
}

function stoppedText(lane: Lane): readonly string[] {
  if (lane.stopped === null) return []
  const { code, message, hint, atMs } = lane.stopped
  return ['', `${laneName(lane)} ${lane.state} since ${new Date(atMs).toISOString()}: ${code} ${message}`, `  ${hint}`]
}

/** One line for all directions, while they are being watched. */
export const lagLine = ({ lanes }: Pick<DrcLag, 'lanes'>): string =>
  lanes
    .map(({ source, target, lagMs, behind }) => {
      const lag = lagMs === null ? 'nothing lately' : `p50 ${lagMs.p50} p99 ${lagMs.p99} ms`
      return `${source} -> ${target} ${lag}, ${behind ?? '?'} behind`
    })
    .join(' | ')

export function lagText({ lanes, looks }: DrcLag): string {
  const ms = (value: number | null | undefined) => (value == null ? null : `${value} ms`)
  const rows = lanes.map(({ source, target, state, behind, ageMs, lagMs, worst }) => [
    `${source} -> ${target}`,
    state,
    behind,
    ms(ageMs),
    ms(lagMs?.last),
    ms(lagMs?.p50),
    ms(lagMs?.p99),
    lagMs?.samples ?? null,
    worst.behind,
    ms(worst.ageMs),
  ])
  const head = ['direction', 'state', 'behind', 'age', 'last', 'p50', 'p99', 'samples']
  const more = looks > 1 ? ['worst behind', 'worst age'] : []
  return table(
    [...head, ...more],
    rows.map((row) => row.slice(0, head.length + more.length)),
  )
}

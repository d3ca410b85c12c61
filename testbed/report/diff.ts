import type { Report } from './schema.ts'

/** One figure of two runs. Better or worse only where that can be said. */
export interface DiffRow {
  readonly name: string
  readonly a: string | number | null
  readonly b: string | number | null
  readonly change: 'same' | 'better' | 'worse' | 'other'
}

export interface ReportDiff {
  readonly a: string
  readonly b: string
  /** False where they are of different drills or policies: then figures can be laid side by side, and no more. */
  readonly comparable: boolean
  readonly figures: readonly DiffRow[]
  /** Claims of which the runs do not say the same; null where a run does not have it. */
  readonly claims: readonly DiffRow[]
}

const ranks: Readonly<Record<string, number>> = { invalid: 0, unknown: 1, valid: 2 }

/** What became better or worse from run a to run b. */
export function diffReports(a: Report, b: Report): ReportDiff {
  const row = (name: string, of: (report: Report) => string | number | null, higher: 'better' | 'worse' | 'other') =>
    rowOf(name, of(a), of(b), higher)
  const zones = [...new Set([...a.zones, ...b.zones])]
  return {
    a: a.run,
    b: b.run,
    comparable: a.drill === b.drill && a.policy === b.policy,
    figures: [
      verdictRow('verdict', a.verdict, b.verdict),
      row('grade', ({ grade }) => grade, 'better'),
      row('rtoMs', ({ rtoMs }) => rtoMs, 'worse'),
      row('writeGapMs', ({ writeGapMs }) => writeGapMs, 'worse'),
      row('rpoOrders', ({ rpoOrders }) => rpoOrders.length, 'worse'),
      row('operations', ({ operations }) => operations.sent, 'other'),
      row('servedPercent', servedPercent, 'better'),
      ...zones.map((zone) => row(`p99MsMax ${zone}`, (report) => worstP99(report, zone), 'worse')),
      row('alerts', ({ alerts }) => alerts.length, 'worse'),
      row('alertAfterFaultMs', firstAlertMs, 'worse'),
      row('lockedOrders', ({ lockedOrders }) => lockedOrders.count, 'worse'),
      row('durationMs', ({ durationMs }) => durationMs, 'other'),
    ],
    claims: claimRows(a, b),
  }
}

function rowOf(name: string, a: DiffRow['a'], b: DiffRow['b'], higher: 'better' | 'worse' | 'other'): DiffRow {
  if (a === b) return { name, a, b, change: 'same' }
  if (a === null || b === null || higher === 'other') return { name, a, b, change: 'other' }
  const lower = higher === 'better' ? 'worse' : 'better'
  return { name, a, b, change: b > a ? higher : lower }
}

function verdictRow(name: string, a: string | null, b: string | null): DiffRow {
  if (a === b) return { name, a, b, change: 'same' }
  if (a === null || b === null) return { name, a, b, change: 'other' }
  return { name, a, b, change: (ranks[b] ?? 0) > (ranks[a] ?? 0) ? 'better' : 'worse' }
}

function claimRows(a: Report, b: Report): readonly DiffRow[] {
  const verdicts = (report: Report) => new Map(report.claims.map(({ name, verdict }) => [name, verdict]))
  const [before, after] = [verdicts(a), verdicts(b)]
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((name) => verdictRow(name, before.get(name) ?? null, after.get(name) ?? null))
    .filter(({ change }) => change !== 'same')
}

const servedPercent = ({ operations }: Report) =>
  operations.sent === 0 ? null : Math.round((1e5 * operations.served) / operations.sent) / 1e3

function worstP99({ series }: Report, zone: string): number | null {
  const values = series.zones.find((one) => one.zone === zone)?.p99Ms.filter((value) => value !== null) ?? []
  return values.length === 0 ? null : Math.max(...values)
}

const firstAlertMs = ({ alerts }: Report) =>
  alerts.map(({ afterFaultMs }) => afterFaultMs).find((after) => after !== null) ?? null

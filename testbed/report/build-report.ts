import { EzoneError } from '@ezone/sdk/errors'
import type { ClaimResult, Verdict } from '../checks/claim.ts'
import type { Axis } from '../checks/grade.ts'
import type { Measures } from '../checks/measures.ts'
import { isServed } from '../checks/served.ts'
import type { History, OperationEntry } from '../ledger/history.ts'
import { alertsOf } from './alerts.ts'
import { type Report, type ReportMeta, reportFormat } from './schema.ts'
import { lagOf, seriesOf } from './series.ts'
import { durationOf, faultsOf, ownershipOf, switchesOf } from './spans.ts'
import { stressOf } from './stress-load.ts'

/** What the checks made of the same history. The report repeats it and never judges by itself. */
export interface Judged {
  readonly verdict: Verdict
  /** In sentences, what kept it from a better one; empty where it is valid. */
  readonly why: readonly string[]
  readonly grade: string | null
  readonly axes?: readonly Axis[]
  readonly claims: readonly ClaimResult[]
  /** A run that was broken off early may have but few. */
  readonly measures: Pick<Measures, 'times' | 'rtoMs' | 'writeGapMs' | 'rpoOrders'> & Partial<Measures>
}

/** Long lists are counted in full and shown from the beginning. */
const shownMax = 200

/** The truth about a run as one document: made of what was seen and what was judged, of nothing else. */
export function buildReport(history: History, judged: Judged, meta: ReportMeta): Report {
  const begin = history.begin[0]
  if (begin === undefined) throw new EzoneError('EZ_BUG', 'a history without its first line has no report')
  const durationMs = durationOf(history)
  const faults = faultsOf(history)
  const end = history.end.at(-1)
  const locked = [...new Set(history.order.filter((row) => row.locked).map(({ orderId }) => orderId))]
  const { measures } = judged
  const series = seriesOf(history, durationMs)
  return {
    ...meta,
    format: reportFormat,
    run: begin.run,
    drill: begin.name,
    seed: begin.seed,
    verdict: judged.verdict,
    why: [...judged.why],
    grade: judged.grade,
    axes: (judged.axes ?? []).map((axis) => ({ ...axis })),
    testbed: begin.testbed,
    runtime: begin.runtime,
    policy: begin.policy,
    startedAt: begin.startedAt,
    durationMs,
    interrupted: end === undefined || end.interrupted,
    zones: [...begin.zones],
    operations: counted(history.op),
    claims: judged.claims.map((claim) => ({ ...claim, ids: [...claim.ids] })),
    ...measuredOf(measures),
    series,
    stress: stressOf(history, series),
    lag: lagOf(history),
    ownership: ownershipOf(history, durationMs),
    faults,
    switches: switchesOf(history),
    alerts: alertsOf({ history, faults, durationMs }),
    conflicts: listed(history.conflict.map(({ type, ...conflict }) => conflict)),
    lockedOrders: listed(locked),
    replicated: history.replicated.map(({ type, ...entry }) => entry),
    compared: history.compared.map(({ type, ...entry }) => entry),
    generator: generatorOf(history),
  }
}

function measuredOf(measures: Judged['measures']) {
  const { times, rtoMs, writeGapMs, rpoOrders, rto, rpo } = measures
  return {
    times: { ...times },
    ...{ rtoMs, writeGapMs, rpoOrders: [...rpoOrders] },
    rtoPerShard: (rto?.perShard ?? []).map((shard) => ({ ...shard })),
    rpo: {
      claimed: [...(rpo?.claimed ?? [])],
      missed: [...(rpo?.missed ?? [])],
      forGood: [...(rpo?.forGood ?? [])],
    },
    clientErrors: { ...measures.clientErrors },
    acknowledged: measures.acknowledged ?? null,
  }
}

function counted(operations: readonly OperationEntry[]): Report['operations'] {
  const of = (outcome: OperationEntry['outcome']) => operations.filter((one) => one.outcome === outcome).length
  const served = operations.filter(isServed).length
  return { sent: operations.length, served, failed: of('failed'), unknown: of('unknown') }
}

function generatorOf(history: History): Report['generator'] {
  const last = history.generator.at(-1)
  if (last === undefined) return null
  const { type: _, ...generator } = last
  return generator
}

const listed = <T>(items: readonly T[]) => ({ count: items.length, first: items.slice(0, shownMax) })

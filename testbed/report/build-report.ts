import { EzoneError } from '@ezone/sdk/errors'
import type { ClaimResult, Verdict } from '../checks/claim.ts'
import type { History, OperationEntry } from '../ledger/history.ts'
import { alertsOf } from './alerts.ts'
import { type Report, type ReportMeta, reportFormat, type Times } from './schema.ts'
import { lagOf, seriesOf } from './series.ts'
import { durationOf, faultsOf, ownershipOf, switchesOf } from './spans.ts'
import { whereabouts } from './whereabouts.ts'

/** What the checks made of the same history. The report repeats it and never judges by itself. */
export interface Judged {
  readonly verdict: Verdict
  /** In sentences, what kept it from a better one; empty where it is valid. */
  readonly why: readonly string[]
  readonly grade: string | null
  readonly claims: readonly ClaimResult[]
  readonly measures: {
    readonly times: Times
    readonly rtoMs: number | null
    readonly writeGapMs: number | null
    readonly rpoOrders: readonly string[]
  }
}

/** Long lists are counted in full and shown from the beginning. */
const shownMax = 200

/** The truth about a run as one document: made of what was seen and what was judged, of nothing else. */
export function buildReport(history: History, judged: Judged, meta: ReportMeta): Report {
  const begin = history.begin[0]
  if (begin === undefined) throw new EzoneError('EZ_BUG', 'a history without its first line has no report')
  const durationMs = durationOf(history)
  const faults = faultsOf(history)
  const zoneOf = whereabouts(history)
  const end = history.end.at(-1)
  const locked = [...new Set(history.order.filter((row) => row.locked).map(({ orderId }) => orderId))]
  const { type: _, ...generator } = history.generator.at(-1) ?? { type: null }
  return {
    ...meta,
    format: reportFormat,
    run: begin.run,
    drill: begin.name,
    seed: begin.seed,
    verdict: judged.verdict,
    why: [...judged.why],
    grade: judged.grade,
    testbed: begin.testbed,
    runtime: begin.runtime,
    policy: begin.policy,
    startedAt: begin.startedAt,
    durationMs,
    interrupted: end === undefined || end.interrupted,
    zones: [...begin.zones],
    operations: counted(history.op),
    claims: judged.claims.map((claim) => ({ ...claim, ids: [...claim.ids] })),
    times: judged.measures.times,
    rtoMs: judged.measures.rtoMs,
    writeGapMs: judged.measures.writeGapMs,
    rpoOrders: [...judged.measures.rpoOrders],
    series: seriesOf(history, zoneOf, durationMs),
    lag: [...lagOf(history)],
    ownership: ownershipOf(history, durationMs),
    faults,
    switches: switchesOf(history),
    alerts: alertsOf({ history, faults, zoneOf, durationMs }),
    conflicts: listed(history.conflict.map(({ type, ...conflict }) => conflict)),
    lockedOrders: listed(locked),
    replicated: history.replicated.map(({ type, ...entry }) => entry),
    compared: history.compared.map(({ type, ...entry }) => entry),
    generator: 'intended' in generator ? generator : null,
  }
}

function counted(operations: readonly OperationEntry[]): Report['operations'] {
  const counts = { ok: 0, failed: 0, unknown: 0 }
  for (const { outcome } of operations) counts[outcome]++
  return { sent: operations.length, ...counts }
}

const listed = <T>(items: readonly T[]) => ({ count: items.length, first: items.slice(0, shownMax) })

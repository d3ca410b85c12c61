import type { ClaimResult } from '../checks/claim.ts'
import { table } from '../face/table.ts'
import type { DrillResult } from './drill.ts'
import { type AllResult, runName } from './run-all.ts'

const marks: Readonly<Record<ClaimResult['verdict'], string>> = { valid: 'ok', invalid: 'NO', unknown: '??' }

/** How a drill ended, for a person; what is wrong with it comes with the error. */
export function drillText(result: DrillResult): string {
  const { verdict, grade, allowedGrade, claims, rtoMs, rpoOrders, report, left, tookMs, seed } = result
  const rto = rtoMs === null ? 'no recovery seen' : `${(rtoMs / 1000).toFixed(1)} s`
  return [
    table(
      ['', 'CLAIM', 'LOOKED AT'],
      claims.map((claim) => [marks[claim.verdict], claim.statement, claim.checked]),
    ),
    `${verdict}, grade ${grade ?? 'unknown'} (${allowedGrade} is allowed), RTO ${rto}, RPO ${rpoOrders.length} orders, ${Math.round(tookMs / 1000)} s, seed ${seed}`,
    ...(left === null ? [] : [`not where it was before: ${left}`]),
    ...(report === null ? [] : [`report: ${report}`]),
  ].join('\n')
}

/** One summary of all drills. */
export function allText({ runs, valid, invalid, unknown }: AllResult): string {
  const rows = runs.map((run) => [
    marks[run.verdict],
    runName(run),
    run.result?.grade ?? null,
    seconds(run.result?.rtoMs),
    run.result === null ? null : run.result.rpoOrders.length,
    seconds(run.result?.tookMs),
    run.why[0]?.slice(0, 90) ?? '',
  ])
  return [
    table(['', 'DRILL', 'GRADE', 'RTO', 'RPO', 'TOOK', 'WHY'], rows),
    `${valid} valid, ${invalid} invalid, ${unknown} unknown`,
  ].join('\n')
}

const seconds = (ms: number | null | undefined): string | null => (ms == null ? null : `${(ms / 1000).toFixed(1)} s`)

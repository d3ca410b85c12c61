import { table } from '../face/table.ts'
import type { StressResult } from './result.ts'
import type { LoadProgress } from './stress.ts'
import type { ZoneTally } from './tally.ts'

/** What a load is doing now, in one line. */
export function loadProgressText({ ok, failed, unknown, elapsedMs, forMs, zones }: LoadProgress): string {
  const now = zones
    .filter(({ zone }) => zone !== '-')
    .map(({ zone, perS, p99Ms }) => `${zone} ${perS}/s p99 ${ms(p99Ms)}`)
  return [
    `${Math.floor(Math.min(elapsedMs, forMs) / 1000)} of ${Math.round(forMs / 1000)} s`,
    `${ok} ok, ${failed} failed, ${unknown} unknown`,
    ...now,
  ].join('  ')
}

/** The outcome first, then where the time and the processors went. */
export function stressText(result: StressResult): string {
  const { verdict, askedQps, heldQps, requests, failed, unknown, dropped, p50Ms, p99Ms, maxMs, seed } = result
  return [
    `${verdict}: ${heldQps} of ${askedQps} requests/s held; ${requests} sent, ${failed} failed, ${unknown} unknown, ${dropped} dropped`,
    `from the intended time: p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, longest ${ms(maxMs)}`,
    ...rampText(result),
    ...faultText(result),
    '',
    zoneTable(result),
    '',
    table(head('kind'), rows(result.perKind)),
    ...errorTable(result),
    '',
    table(
      ['hop', 'CPU ms per request'],
      Object.entries(result.cpuPerHop).map(([hop, spent]) => [hop, spent.toFixed(3)]),
    ),
    '',
    generatorText(result),
    `${result.limitedBy === null ? 'nothing was short' : `limited by ${result.limitedBy}`}; --seed ${seed} draws the same again`,
  ].join('\n')
}

const head = (what: string) => [what, 'requests', 'ok', 'failed', 'unknown', 'p50 ms', 'p99 ms']

const rows = (parts: Readonly<Record<string, ZoneTally>>) =>
  Object.entries(parts).map(([name, one]) => [
    ...[name, one.requests, one.ok, one.failed, one.unknown],
    ...[one.p50Ms?.toFixed(1) ?? null, one.p99Ms?.toFixed(1) ?? null],
  ])

function zoneTable({ perZone, thresholds }: StressResult): string {
  const limits = new Map(thresholds.map((one) => [one.zone, `${one.held ? 'within' : 'above'} ${one.p99MsMax}`]))
  return table(
    [...head('zone'), 'allowed ms'],
    rows(perZone).map((row) => [...row, limits.get(String(row[0])) ?? null]),
  )
}

function rampText({ steps, highestQps, profile, verdict }: StressResult): readonly string[] {
  if (steps.length === 0) return []
  const broke = steps.find(({ held }) => !held)
  const first = highestQps === null ? 'no rate held' : `the highest rate that held is ${highestQps}/s`
  const next =
    broke === undefined
      ? ''
      : `; ${broke.qps}/s did not (${(broke.okShare * 100).toFixed(1)} % in time, p99 ${ms(broke.p99Ms)})`
  return [
    `${first}${next}`,
    ...(profile !== 'ramp-to-break' && verdict !== 'valid' ? ['(from a ramp after the load)'] : []),
  ]
}

const faultText = ({ faults }: StressResult): readonly string[] =>
  faults.map(({ id, kind, target }) => `fault ${id} was in force: ${kind} of ${target}`)

function errorTable({ errors }: StressResult): readonly string[] {
  const all = Object.entries(errors)
  return all.length === 0 ? [] : ['', table(['error', 'times'], all)]
}

function generatorText({ engine, generatorCpu, lagP99Ms, lagMaxMs, k6 }: StressResult): string {
  const lag = `behind its own times p99 ${ms(lagP99Ms)}, at most ${ms(lagMaxMs)}; ${generatorCpu} processors`
  if (k6 === null) return `sent by ${engine}: ${lag}`
  const says = `k6 ${k6.version} says ${k6.requests} requests, p50 ${k6.p50Ms} ms, p99 ${k6.p99Ms} ms from the send`
  const compared = { true: 'as counted here', false: 'not what was counted here', null: 'with what it cut off' }
  return `sent by k6: ${lag}\n${says}: ${compared[`${k6.agrees}`]}`
}

const ms = (value: number | null) => (value === null ? '-' : `${value} ms`)

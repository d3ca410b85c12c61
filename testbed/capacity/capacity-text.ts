import { table } from '../face/table.ts'
import { type HopForecast, nameOf, type ZoneForecast } from './forecast.ts'
import type { CapacityResult } from './result.ts'

const hopsShown = 14

/** What it comes to first, then hop by hop. */
export function capacityText(result: CapacityResult): string {
  const { machine, weakestHop, hops, zones, qps, growth, runs, criticalPath } = result
  const weakest = hops.find((hop) => nameOf(hop) === weakestHop)
  return [
    `this machine (${machine.cpus} processors, generator included) has nothing left at ${rate(machine.saturatesAtQps)}; ${percent(machine.grownShare)} of it at ${growth} x ${qps}/s`,
    `a client waits for ${criticalPath.join(' > ')}; the weakest is ${weakestHop ?? 'not known'}, at ${rate(weakest?.saturatesAtQps ?? null)} on a machine of its own`,
    ...zones.map(zoneText),
    '',
    table(
      ['asked/s', 'held/s', 'verdict', 'p50 ms', 'p99 ms', 'processors', 'limited by'],
      runs.map((run) => [
        ...[run.askedQps, run.heldQps, run.verdict, run.p50Ms, run.p99Ms, run.cpus.toFixed(2)],
        run.limitedBy ?? '-',
      ]),
    ),
    '',
    table(
      ['hop', 'CPU ms per request', 'at rest', 'nothing left at', `at ${growth} x`, 'client waits'],
      hops.slice(0, hopsShown).map(hopRow),
    ),
    ...trendText(result),
  ].join('\n')
}

const hopRow = (hop: HopForecast) => [
  ...[nameOf(hop), hop.msPerRequest.toFixed(3), hop.baseCpus.toFixed(3), rate(hop.saturatesAtQps)],
  ...[percent(hop.grownShare), hop.onPath ? 'yes' : 'no'],
]

const zoneText = ({ zone, share, saturatesAtQps, hop, headroom }: ZoneForecast) =>
  `${zone} has ${percent(share)} now; carrying all, ${hop ?? 'nothing known'} has nothing left at ${rate(saturatesAtQps)}` +
  (headroom === null ? '' : `: ${headroom.toFixed(1)} times today`)

function trendText({ trend }: CapacityResult): readonly string[] {
  if (trend.length < 2) return []
  return [
    '',
    table(
      ['run', 'CPU ms per request', 'machine at', 'weakest hop', 'at'],
      trend.map((one) => [
        ...[one.at.slice(0, 16).replace('T', ' '), one.msPerRequest.toFixed(3), rate(one.saturatesAtQps)],
        ...[one.weakestHop ?? '-', rate(one.weakestQps)],
      ]),
    ),
  ]
}

const rate = (qps: number | null) => (qps === null ? '-' : `${qps}/s`)
const percent = (share: number) => `${Math.round(share * 100)} %`

import { table } from '../face/table.ts'
import type { LoadProgress, StressResult } from './stress.ts'
import type { ZoneTally } from './tally.ts'

/** What a load is doing now, in one line. */
export const loadProgressText = ({ ok, failed, unknown, elapsedMs }: LoadProgress, forMs: number): string =>
  `${Math.floor(Math.min(elapsedMs, forMs) / 1000)} of ${Math.round(forMs / 1000)} s  ${ok} ok, ${failed} failed, ${unknown} unknown`

/** The outcome first, then where the time and the processors went. */
export function stressText(result: StressResult): string {
  const { verdict, askedQps, heldQps, requests, failed, unknown, dropped, p50Ms, p99Ms, maxMs, seed } = result
  const rows = (parts: Readonly<Record<string, ZoneTally>>) =>
    Object.entries(parts).map(([name, one]) => [
      name,
      one.requests,
      one.ok,
      one.failed,
      one.unknown,
      one.p50Ms?.toFixed(1) ?? null,
      one.p99Ms?.toFixed(1) ?? null,
    ])
  const head = (what: string) => [what, 'requests', 'ok', 'failed', 'unknown', 'p50 ms', 'p99 ms']
  const errors = Object.entries(result.errors)
  return [
    `${verdict}: ${heldQps} of ${askedQps} requests/s held; ${requests} sent, ${failed} failed, ${unknown} unknown, ${dropped} dropped`,
    `from the intended time: p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, longest ${ms(maxMs)}`,
    '',
    table(head('zone'), rows(result.perZone)),
    '',
    table(head('kind'), rows(result.perKind)),
    ...(errors.length === 0
      ? []
      : [
          '',
          table(
            ['error', 'times'],
            errors.map(([code, times]) => [code, times]),
          ),
        ]),
    '',
    table(
      ['hop', 'CPU ms per request'],
      Object.entries(result.cpuPerHop).map(([hop, spent]) => [hop, spent.toFixed(3)]),
    ),
    '',
    `${result.limitedBy === null ? 'nothing was short' : `limited by ${result.limitedBy}`}; --seed ${seed} draws the same again`,
  ].join('\n')
}

const ms = (value: number | null) => (value === null ? '-' : `${value} ms`)

import { setTimeout as sleep } from 'node:timers/promises'
import { drcFacts, type FactSources } from './facts.ts'
import { type Lane, lanesOf } from './lanes.ts'

const lookEveryMs = 1_000

/** `data` of `drc lag`: a contract, fields are only ever added. */
export interface DrcLag {
  /** How often it was looked; the lanes are as the last look found them. */
  readonly looks: number
  readonly lanes: readonly LagLane[]
}

export interface LagLane extends Pick<Lane, 'source' | 'state' | 'behind' | 'newestAtMs' | 'ageMs' | 'lagMs'> {
  readonly target: string
  /** The worst of all looks; null where none could tell. */
  readonly worst: { readonly behind: number | null; readonly ageMs: number | null; readonly p99Ms: number | null }
}

export interface WatchOptions extends FactSources {
  readonly clock: { nowMs(): number; monotonicMs(): number }
  /** 0: one look. */
  readonly forMs: number
  readonly onLook?: (lag: DrcLag) => void
}

/** How far each zone is behind each other one, looked at again and again. @returns also the lanes, for a verdict */
export async function watchLag(
  options: WatchOptions,
): Promise<{ readonly lag: DrcLag; readonly lanes: readonly Lane[] }> {
  const { clock, forMs, signal, onLook } = options
  const endMs = clock.monotonicMs() + forMs
  let lag: DrcLag | null = null
  for (;;) {
    const lanes = lanesOf(await drcFacts(options))
    lag = lagOf(lanes, lag)
    onLook?.(lag)
    const leftMs = endMs - clock.monotonicMs()
    if (leftMs <= 0) return { lag, lanes }
    await sleep(Math.min(lookEveryMs, leftMs), undefined, { signal })
  }
}

/** Directions alone: what a relay has not logged yet, its appliers have not applied either. */
export function lagOf(lanes: readonly Lane[], before: DrcLag | null): DrcLag {
  const directions = lanes.filter(({ role }) => role === 'applier')
  return {
    looks: (before?.looks ?? 0) + 1,
    lanes: directions.map(({ source, zone, state, behind, newestAtMs, ageMs, lagMs }) => {
      const worst = before?.lanes.find((lane) => lane.source === source && lane.target === zone)?.worst
      return {
        source,
        target: zone,
        state,
        behind,
        newestAtMs,
        ageMs,
        lagMs,
        worst: {
          behind: greater(worst?.behind, behind),
          ageMs: greater(worst?.ageMs, ageMs),
          p99Ms: greater(worst?.p99Ms, lagMs?.p99),
        },
      }
    }),
  }
}

function greater(a: number | null | undefined, b: number | null | undefined): number | null {
  if (a == null) return b ?? null
  return b == null ? a : Math.max(a, b)
}

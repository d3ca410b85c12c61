import type { Scenario } from './schema.ts'

/** One run of `drill run --all`. */
export interface WantedRun {
  readonly drill: string
  readonly policy: 'available' | 'strict'
  /** Null: whoever plays $lost by default. */
  readonly lost: string | null
}

/** Every drill once; those that say so under both policies, and with every zone as the lost one. Pure. */
export function allRuns(scenarios: readonly Scenario[], zones: readonly string[]): readonly WantedRun[] {
  const runs = scenarios.flatMap(({ name: drill, policy, lost }) => {
    const policies =
      policy === 'both' ? (['available', 'strict'] as const) : [policy === 'strict' ? policy : 'available']
    return policies.flatMap((under) =>
      (lost === 'each' ? zones : [null]).map(
        (zone): WantedRun => ({ drill, policy: under as WantedRun['policy'], lost: zone }),
      ),
    )
  })
  // Those of one policy share a testbed.
  return runs.toSorted((a, b) => a.policy.localeCompare(b.policy))
}

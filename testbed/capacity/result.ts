import type { StressResult } from '../stress/result.ts'
import type { Forecast } from './forecast.ts'

/** `data` of `capacity`: a contract (docs/output.md), fields are only ever added. */
export interface CapacityResult extends Forecast {
  readonly verdict: 'valid' | 'unknown'
  readonly at: string
  readonly testbed: string
  readonly runtime: string
  readonly seed: number
  readonly mix: string
  /** Today's rate, and how much more it shall be. */
  readonly qps: number
  readonly growth: number
  /** The short runs that all is concluded from; those that did not hold are told and not used. */
  readonly runs: readonly CapacityRun[]
  /** This run and those before it that were alike, oldest first. */
  readonly trend: readonly PastCapacity[]
}

export interface CapacityRun
  extends Pick<StressResult, 'verdict' | 'engine' | 'askedQps' | 'heldQps' | 'p50Ms' | 'p99Ms' | 'limitedBy'> {
  /** All processors that were at work for the testbed and its load. */
  readonly cpus: number
}

/** What is kept of a run, so that the next ones can be compared with it. */
export interface PastCapacity {
  readonly at: string
  readonly testbed: string
  readonly runtime: string
  readonly machineCpus: number
  readonly mix: string
  /** Of the whole machine, and of the weakest hop. */
  readonly saturatesAtQps: number | null
  readonly weakestHop: string | null
  readonly weakestQps: number | null
  readonly msPerRequest: number
}

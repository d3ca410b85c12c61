import type { OpenFault } from '../session/status.ts'
import type { K6Agreement } from './k6-agreement.ts'
import type { ProfileName } from './names.ts'
import type { StepResult } from './ramp.ts'
import type { LoadSummary } from './tally.ts'

/** `data` of `stress`: a contract (docs/output.md), fields are only ever added. */
export interface StressResult extends LoadSummary {
  readonly engine: 'k6' | 'builtin'
  readonly profile: ProfileName
  readonly seed: number
  readonly forMs: number
  /** The highest rate that is known to have held: of a ramp its highest step, else the rate asked for where it held. */
  readonly highestQps: number | null
  /** Of `ramp-to-break`, as far as it came; empty of others. */
  readonly steps: readonly StepResult[]
  /** What a zone may need at most, and whether that was so. */
  readonly thresholds: readonly Threshold[]
  /** CPU milliseconds per request; `k6` and `stress`, which is this command, among them. */
  readonly cpuPerHop: Readonly<Record<string, number>>
  /** `generator`, `machine`, a spec id such as `sh/mysql`, or null: nothing was short. */
  readonly limitedBy: string | null
  /** Processors at work for the generator while the load ran. */
  readonly generatorCpu: number
  /** Null of the built-in engine. */
  readonly k6: K6Agreement | null
  /** The drill it was beside; null where there was none. */
  readonly drill: DuringDrill | null
  /** What was broken on purpose when the load began. */
  readonly faults: readonly Pick<OpenFault, 'id' | 'kind' | 'target'>[]
}

/** The drill that a load was beside: its report shows both on one time axis. */
export interface DuringDrill {
  readonly drill: string
  readonly run: string
  readonly verdict: 'valid' | 'invalid' | 'unknown'
  readonly grade: string | null
  readonly report: string | null
}

export interface Threshold {
  readonly zone: string
  readonly p99MsMax: number
  readonly p99Ms: number | null
  readonly held: boolean
}

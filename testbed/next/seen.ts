import type { OpenFault } from '../session/status.ts'

/** A testbed as a glance shows it: enough to say what helps next. */
export interface Seen {
  readonly name: string
  /** As `ps` says it: a phase, `unknown`, or `unreadable`. */
  readonly state: string
  readonly runtime: string | null
  readonly running: number
  readonly specs: number | null
  /** False where nobody supervises it: faults do not end by themselves then. */
  readonly agent: boolean
  /** The verb at work, such as `up`; null when it rests. */
  readonly busy: string | null
  readonly faults: readonly OpenFault[]
  /** Mistakes its services have on purpose. */
  readonly sabotage: readonly string[]
  /** The newest run that left a report. */
  readonly lastRun: string | null
}

/** A command worth typing next, and what it does. */
export interface Step {
  readonly command: string
  readonly does: string
}

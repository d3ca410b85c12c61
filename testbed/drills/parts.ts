import type { Clock } from '@ezone/sdk/model'
import type { Verdict } from '../checks/claim.ts'
import type { Judgement } from '../checks/judge.ts'
import type { Entry } from '../ledger/history.ts'
import type { ScenarioFault, ScenarioSwitch } from './schema.ts'

/** What a drill proves, and why. */
export interface DrillVerdict {
  readonly verdict: Verdict
  /** In sentences: claims that do not hold, what kept it from a verdict, a grade worse than allowed. */
  readonly why: readonly string[]
}

/** What a drill has done by others: the testbed's parts in life, something that fails on purpose in tests. */
export interface DrillParts {
  readonly clock: Clock
  /** Looks whether the drill may begin: ready, no fault in force, the wires as asked, the zones equal. @throws why not */
  readonly ready: (signal: AbortSignal) => Promise<void>
  /** Begins to load and to write down what the clients see. Nothing is left of it where it throws. */
  readonly begin: (signal: AbortSignal) => Promise<Recording>
  /** Puts in a fault, whose lease ends by itself. @throws also where it is in, but cannot be shown to have an effect */
  readonly inject: (fault: ScenarioFault, forMs: number, signal: AbortSignal) => Promise<void>
  /** Ends every fault of this drill, also one of which only half was put in. @throws EZ_FAULT_NOT_REMOVED */
  readonly heal: (signal: AbortSignal) => Promise<void>
  readonly move: (wanted: ScenarioSwitch, signal: AbortSignal) => Promise<void>
  readonly failback: (zone: string, signal: AbortSignal) => Promise<void>
  /** Waits until no zone is behind the others; returns what it still waits for where the time was too short. */
  readonly settle: (limitMs: number, signal: AbortSignal) => Promise<string | null>
  /** Puts shards and the global master back to where they were when the drill began. */
  readonly putBack: (signal: AbortSignal) => Promise<void>
  readonly judge: (signal: AbortSignal) => Promise<DrillJudgement>
  /** Returns the path of its page. */
  readonly report: (told: Told, signal: AbortSignal) => Promise<string>
}

/** What was seen, judged. */
export type DrillJudgement = Pick<Judgement, 'claims' | 'grade' | 'measures'> & Partial<Pick<Judgement, 'axes'>>

/** What the report is told beside the history. */
export interface Told {
  readonly story: DrillStory
  readonly verdict: DrillVerdict
}

/**
 * What loads the testbed beside the clients of a drill, and writes into its history what came of it. It is made ready while
 * nothing is broken yet, and begins with the clients.
 */
export type Beside = (
  time: {
    /** How long the clients of the drill ask, and how much longer they may, where a step takes its time. */
    readonly forMs: number
    readonly overtimeMs: number
  },
  signal: AbortSignal,
) => Promise<
  (history: {
    /** Of a time on the wall clock: when that was in the run. */
    readonly atMsOf: (epochMs: number) => number
    readonly note: (entry: Entry) => void
  }) => {
    /** Ends it and has all of it written down. May be called again. */
    readonly end: () => Promise<void>
  }
>

/** The load of a drill, and its history. */
export interface Recording {
  /** Operations so far, by their outcome. */
  readonly progress: () => { readonly ok: number; readonly failed: number; readonly unknown: number }
  /** Lets the clients end what they have begun. May be called again. */
  readonly end: (signal: AbortSignal) => Promise<void>
  /** Reads what the stores have in the end, and closes the history. */
  readonly collect: (interrupted: boolean, signal: AbortSignal) => Promise<void>
}

/** What became of a step. */
export interface StepStory {
  readonly text: string
  /** When it was to begin, began and had ended; milliseconds since the load began. */
  readonly wantedMs: number
  readonly atMs: number
  readonly endedMs: number
  readonly error: string | null
}

/** How a drill went. */
export interface DrillStory {
  readonly steps: readonly StepStory[]
  /** Null where nobody could judge. */
  readonly judgement: DrillJudgement | null
  readonly interrupted: boolean
  /** What kept the drill from a verdict; empty where nothing did. */
  readonly obstacles: readonly string[]
}

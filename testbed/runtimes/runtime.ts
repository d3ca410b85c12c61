import type { Spec } from '../topology/blueprint.ts'

/**
 * A runtime runs specs. It knows nothing of readiness, links or plans: `observe` tells what exists now, as the outside
 * world shows it (never from memory), and `start`/`stop` change that. Every call may be repeated.
 */
export interface Runtime {
  readonly name: 'process' | 'docker'

  /** What must exist before the first start: folders; on docker networks and images. Idempotent. */
  prepare(signal: AbortSignal): Promise<void>

  /** Everything of this testbed that exists now, running or dead, also what no living agent remembers. */
  observe(signal: AbortSignal): Promise<readonly Observed[]>

  /** Hash of the launch it would be started with now; another one in what runs means it has to be restarted. */
  hashOf(spec: Spec): string

  /** Writes its files, seeds its data folder when that is empty, and launches it. Resolves before it is ready. */
  start(spec: Spec, signal: AbortSignal): Promise<Observed>

  /** Whether a started thing still runs: cheap, asked many times a second while it is waited for. */
  isRunning(started: Observed): Promise<boolean>

  /** Whether it stands still because it was told to stop (SIGSTOP). */
  isStopped(started: Observed): Promise<boolean>

  /** Ends it: politely for `graceMs`, then at once. Resolves when it is gone. Unknown or dead ids are no error. */
  stop(specId: string, options: { readonly graceMs: number; readonly signal: AbortSignal }): Promise<void>

  /**
   * Sends a signal to everything of these specs that runs, one right after the other, and does not wait for what comes of
   * it. Returns the milliseconds from the first to the last. What does not run is no error.
   */
  signal(specIds: readonly string[], name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT', signal: AbortSignal): Promise<number>

  /** The last lines it printed, oldest first. */
  tail(specId: string, lines: number): Promise<readonly string[]>

  /** Removes all that this runtime ever made for the testbed, except its data folders. Needs no blueprint to be right. */
  destroy(signal: AbortSignal): Promise<void>
}

/** One thing that exists. `handle` names it to a person: `pid 4711`, `container 3f2a…`. */
export interface Observed {
  readonly specId: string
  readonly running: boolean
  /** Hash of the launch it was started with; another one in the blueprint means it must be restarted. */
  readonly launchHash: string
  readonly pid: number | null
  readonly container: string | null
  readonly startedAtMs: number
}

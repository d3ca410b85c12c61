import { EzoneError } from '@ezone/sdk/errors'
import type { Verdict } from '../checks/claim.ts'
import type { WantedRun } from './all-drills.ts'
import type { DrillResult } from './drill.ts'
import type { DrillEnd } from './verdict.ts'

/** What became of one run of `--all`. */
export interface AllRun extends WantedRun {
  readonly verdict: Verdict
  readonly why: readonly string[]
  /** Null where it could not begin. */
  readonly result: DrillResult | null
}

/** `data` of `drill run --all`: a contract, fields are only ever added. */
export interface AllResult {
  readonly seed: number
  readonly valid: number
  readonly invalid: number
  readonly unknown: number
  readonly runs: readonly AllRun[]
}

/** A testbed that drills run on one after the other. */
export interface Stage extends AsyncDisposable {
  readonly drill: (wanted: WantedRun) => Promise<{ readonly result: DrillResult; readonly end: DrillEnd }>
}

export interface RunAllOptions {
  readonly wanted: readonly WantedRun[]
  readonly seed: number
  readonly signal: AbortSignal
  /** Brings a testbed up. */
  readonly stage: (policy: WantedRun['policy']) => Promise<Stage>
  readonly onRun: (run: AllRun) => void
}

/**
 * Runs them one after the other. A drill that leaves its testbed other than it was gets the next one a new testbed; one
 * that cannot begin is unknown, and the others run all the same.
 * @throws EZ_INTERRUPTED; what keeps a testbed from coming up
 */
export async function runAll(options: RunAllOptions): Promise<AllResult> {
  const { wanted, signal, seed, onRun } = options
  const runs: AllRun[] = []
  let stage = null as { readonly policy: string; readonly on: Stage } | null
  try {
    for (const one of wanted) {
      signal.throwIfAborted()
      if (stage?.policy !== one.policy) {
        await stage?.on[Symbol.asyncDispose]()
        stage = null
        stage = { policy: one.policy, on: await options.stage(one.policy) }
      }
      const { run, clean } = await runOne(stage.on, one, signal)
      runs.push(run)
      onRun(run)
      if (clean) continue
      await stage.on[Symbol.asyncDispose]()
      stage = null
    }
  } finally {
    await stage?.on[Symbol.asyncDispose]()
  }
  const count = (verdict: Verdict) => runs.filter((run) => run.verdict === verdict).length
  return { seed, valid: count('valid'), invalid: count('invalid'), unknown: count('unknown'), runs }
}

async function runOne(stage: Stage, wanted: WantedRun, signal: AbortSignal): Promise<{ run: AllRun; clean: boolean }> {
  try {
    const { result, end } = await stage.drill(wanted)
    const { verdict, why, left } = result
    const clean = verdict === 'valid' && left === null && end.notRemoved === null
    return { run: { ...wanted, verdict, why, result }, clean }
  } catch (error) {
    if (signal.aborted || !EzoneError.is(error)) throw error
    const why = [`it did not begin: ${error.code}: ${error.message}`]
    return { run: { ...wanted, verdict: 'unknown', why, result: null }, clean: false }
  }
}

/** @throws EZ_DRILL_FAILED, EZ_DRILL_UNKNOWN naming the runs */
export function requireAllValid({ runs }: AllResult): void {
  const named = (verdict: Verdict) =>
    runs.filter((run) => run.verdict === verdict).map((run) => `${runName(run)}: ${run.why[0] ?? ''}`)
  const [invalid, unknown] = [named('invalid'), named('unknown')]
  if (invalid.length > 0)
    throw new EzoneError('EZ_DRILL_FAILED', `${invalid.length} of ${runs.length} are invalid\n${invalid.join('\n')}`)
  if (unknown.length > 0)
    throw new EzoneError(
      'EZ_DRILL_UNKNOWN',
      `${unknown.length} of ${runs.length} have no verdict\n${unknown.join('\n')}`,
    )
}

/** `zone-lost bj, strict`. */
export const runName = ({ drill, lost, policy }: WantedRun): string =>
  `${drill}${lost === null ? '' : ` ${lost}`}, ${policy}`

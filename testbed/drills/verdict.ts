import { EzoneError } from '@ezone/sdk/errors'
import type { Verdict } from '../checks/claim.ts'
import type { DrillOutcome } from './run-drill.ts'
import { type Grade, grades } from './schema.ts'

/** What a drill proves, and why. */
export interface DrillVerdict {
  readonly verdict: Verdict
  /** In sentences: claims that do not hold, what kept it from a verdict, a grade worse than allowed. */
  readonly why: readonly string[]
}

/**
 * A counterexample stands whatever else went wrong, but not where a person broke the drill off: what had no time to settle
 * only looks lost. Everything else that was not seen to its end is unknown, and so is a drill without claims.
 */
export function verdictOf(outcome: DrillOutcome, allowed: Grade): DrillVerdict {
  const { claims, obstacles, interrupted, report } = outcome
  const wrong = claims.filter((claim) => claim.verdict === 'invalid')
  const open = claims.filter((claim) => claim.verdict === 'unknown')
  if (wrong.length > 0 && !interrupted)
    return {
      verdict: 'invalid',
      why: wrong.map((claim) => `${claim.name}: ${claim.counterexample ?? claim.statement}`),
    }
  const why = [
    ...obstacles,
    ...open.map((claim) => `${claim.name}: ${claim.why ?? 'no verdict was possible'}`),
    ...(claims.length === 0 ? ['nothing was judged'] : []),
    ...(report === null || report.grade === null ? ['it has no grade'] : []),
  ]
  if (why.length > 0 || !report?.grade) return { verdict: 'unknown', why }
  if (grades.indexOf(report.grade) < grades.indexOf(allowed))
    return { verdict: 'invalid', why: [`grade ${report.grade} is worse than ${allowed}, which is allowed`] }
  return { verdict: 'valid', why: [] }
}

/**
 * The error a drill ends with. What is still broken comes before everything else, then that it was interrupted.
 * @throws EZ_FAULT_NOT_REMOVED, EZ_INTERRUPTED, EZ_DRILL_FAILED, EZ_DRILL_UNKNOWN
 */
export function requireValid(drill: string, outcome: DrillOutcome, { verdict, why }: DrillVerdict): void {
  if (outcome.notRemoved !== null) throw outcome.notRemoved
  if (outcome.interrupted)
    throw new EzoneError('EZ_INTERRUPTED', `${drill} was interrupted`, {
      hint: 'Its faults are removed and what was seen is in the report; `ezone drill replay` runs it again.',
    })
  if (verdict === 'invalid') throw new EzoneError('EZ_DRILL_FAILED', `${drill} is invalid\n${why.join('\n')}`)
  if (verdict === 'unknown') throw new EzoneError('EZ_DRILL_UNKNOWN', `${drill} has no verdict\n${why.join('\n')}`)
}

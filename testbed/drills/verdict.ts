import { EzoneError } from '@ezone/sdk/errors'
import type { ClaimResult } from '../checks/claim.ts'
import { type Grade, grades } from '../checks/grade.ts'
import type { DrillStory, DrillVerdict } from './parts.ts'

/**
 * A counterexample stands whatever else went wrong, but not where a person broke the drill off: what had no time to settle
 * only looks lost. Everything else that was not seen to its end is unknown, and so is a drill without claims.
 */
export function verdictOf(story: DrillStory, allowed: Grade): DrillVerdict {
  const { obstacles, interrupted, judgement } = story
  const { claims, grade } = judgement ?? { claims: [], grade: null }
  const wrong = claims.filter((claim) => claim.verdict === 'invalid')
  const open = claims.filter((claim) => claim.verdict === 'unknown')
  if (wrong.length > 0 && !interrupted)
    return {
      verdict: 'invalid',
      why: wrong.map((claim) => `${claim.name}: ${claim.counterexample ?? claim.statement}`),
    }
  const why = [
    ...obstacles,
    ...whyOpen(open, claims.length),
    ...(claims.length === 0 ? ['nothing was judged'] : []),
    ...(claims.length > 0 && grade === null ? ['too little was seen for a grade'] : []),
  ]
  if (why.length > 0 || grade === null) return { verdict: 'unknown', why }
  if (grades.indexOf(grade) < grades.indexOf(allowed))
    return { verdict: 'invalid', why: [`grade ${grade} is worse than ${allowed}, which is allowed`] }
  return { verdict: 'valid', why: [] }
}

/** A reason that several claims share is told once. */
function whyOpen(open: readonly ClaimResult[], all: number): readonly string[] {
  const byReason = Map.groupBy(open, ({ why }) => why ?? 'no verdict was possible')
  return [...byReason].map(([why, claims]) => {
    const names = claims.map(({ name }) => name).join(', ')
    return `${claims.length === all ? 'no claim could be judged' : names}: ${why}`
  })
}

/** What decides with which error a drill ends. */
export interface DrillEnd extends DrillVerdict {
  readonly drill: string
  readonly interrupted: boolean
  readonly notRemoved: EzoneError | null
}

/**
 * The error a drill ends with. What is still broken comes before everything else, then that it was interrupted.
 * @throws EZ_FAULT_NOT_REMOVED, EZ_INTERRUPTED, EZ_DRILL_FAILED, EZ_DRILL_UNKNOWN
 */
export function requireValid({ drill, verdict, why, interrupted, notRemoved }: DrillEnd): void {
  if (notRemoved !== null) throw notRemoved
  if (interrupted)
    throw new EzoneError('EZ_INTERRUPTED', `${drill} was interrupted`, {
      hint: 'Its faults are removed and what was seen is in the report; `ezone drill replay` runs it again.',
    })
  if (verdict === 'invalid') throw new EzoneError('EZ_DRILL_FAILED', `${drill} is invalid\n${why.join('\n')}`)
  if (verdict === 'unknown') throw new EzoneError('EZ_DRILL_UNKNOWN', `${drill} has no verdict\n${why.join('\n')}`)
}

import type { History } from '../ledger/history.ts'
import { checks } from './all.ts'
import type { Allowed, ClaimResult, Verdict } from './claim.ts'
import type { NamedCheck } from './define.ts'
import { type Axis, type Grade, type Grading, gradeOf } from './grade.ts'
import { type Measures, measure } from './measures.ts'

export interface JudgeOptions {
  /** What is claimed; by default everything that the run is about. */
  readonly checks?: readonly NamedCheck[]
  readonly allowed: Allowed
  /** The worst grade that is still a success; by default any. */
  readonly allowedGrade?: Grade
  /** What the grades mean; by default as in docs. */
  readonly gradings?: readonly Grading[] | undefined
}

export interface Judgement {
  readonly verdict: Verdict
  readonly claims: readonly ClaimResult[]
  /** By the worst axis; null where the run shows too little. */
  readonly grade: Grade | null
  /** What each axis of the grade came to. */
  readonly axes: readonly Axis[]
  readonly measures: Measures
}

/** What a history shows. One contradiction makes it invalid, else one open question makes it unknown. */
export function judge(history: History, options: JudgeOptions): Judgement {
  const { allowed, allowedGrade = 'P0' } = options
  const claims = (options.checks ?? checks.filter(({ applies }) => applies(history))).map(({ check }) =>
    check(history, allowed),
  )
  const measures = measure(history)
  const { grade, axes } = gradeOf({ history, claims, measures }, options.gradings)
  const verdicts = new Set([...claims.map(({ verdict }) => verdict), gradeVerdict(grade, allowedGrade)])
  const verdict = verdicts.has('invalid')
    ? 'invalid'
    : verdicts.has('unknown') || claims.length === 0
      ? 'unknown'
      : 'valid'
  return { verdict, claims, grade, axes, measures }
}

/** P0 is the worst, and so the smallest. */
function gradeVerdict(grade: Grade | null, allowed: Grade): Verdict {
  if (grade === null) return 'unknown'
  return grade < allowed ? 'invalid' : 'valid'
}

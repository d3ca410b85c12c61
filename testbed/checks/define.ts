import type { History } from '../ledger/history.ts'
import type { Allowed, Check, ClaimResult } from './claim.ts'
import { whyVoid } from './soundness.ts'

/** A check as `judge` and drills know it. */
export interface NamedCheck {
  readonly name: string
  /** What is claimed, in one sentence. */
  readonly statement: string
  readonly check: Check
  /** Whether the run did at all what the claim is about; asked where no claims are named. */
  readonly applies: (history: History) => boolean
}

/** One thing that contradicts a claim. */
export interface Contradiction {
  readonly ids: readonly string[]
  /** How many entries it takes to tell it; the smallest one is told. */
  readonly size: number
  readonly story: () => string
}

export interface Looked {
  readonly checked: number
  /** Earliest first. */
  readonly found: readonly Contradiction[]
  /** What could not be looked at, where that is a part of the claim. */
  readonly missing?: string | null
}

export interface Definition {
  readonly name: string
  readonly statement: string
  /** By default every run is about it. */
  readonly applies?: (history: History) => boolean
  /** Evidence without which there is nothing to look at: what is missing, in words. */
  readonly missing: (history: History) => string | null
  readonly look: (history: History, allowed: Allowed) => Looked
}

const idsMax = 100

/**
 * A contradiction stands however bad the rest of the run was. Agreement counts for something only where enough was seen,
 * and by somebody who could keep up.
 */
export function define({ name, statement, missing, look, applies = () => true }: Definition): NamedCheck {
  const check: Check = (history, allowed) => {
    const told = (verdict: ClaimResult['verdict'], rest: Partial<ClaimResult>): ClaimResult => ({
      ...{ name, verdict, statement, checked: 0, counterexample: null, why: null, ids: [] },
      ...rest,
    })
    const lacking = missing(history)
    if (lacking !== null) return told('unknown', { why: whyVoid(history) ?? lacking })
    const looked = look(history, allowed)
    const { checked, found } = looked
    const smallest = found.reduce<Contradiction | undefined>(
      (least, one) => (least === undefined || one.size < least.size ? one : least),
      undefined,
    )
    if (smallest !== undefined) {
      const more = found.length > 1 ? ` (and ${found.length - 1} more like it)` : ''
      const ids = [...new Set([...smallest.ids, ...found.slice(0, idsMax).flatMap((one) => one.ids)])].slice(0, idsMax)
      return told('invalid', { checked, counterexample: `${smallest.story()}${more}`, ids })
    }
    const nothing = checked === 0 ? 'the history has nothing that this claim is about' : null
    const why = whyVoid(history) ?? looked.missing ?? nothing
    return why === null ? told('valid', { checked }) : told('unknown', { checked, why })
  }
  return { name, statement, check, applies }
}

import type { History } from '../ledger/history.ts'

/** Unknown is never green: too little was seen, or what was seen cannot be believed. */
export type Verdict = 'valid' | 'invalid' | 'unknown'

/** What a check says of a history. */
export interface ClaimResult {
  /** Such as `no-acknowledged-order-lost`; a contract of reports and `--json`. */
  readonly name: string
  readonly verdict: Verdict
  /** What is claimed, in one sentence. */
  readonly statement: string
  /** How many things were looked at. */
  readonly checked: number
  /** The smallest contradiction found, as a story a person can follow; null unless invalid. */
  readonly counterexample: string | null
  /** Why no verdict was possible; null unless unknown. */
  readonly why: string | null
  /** Ids that the verdict is about: orders lost, phones registered twice. At most 100. */
  readonly ids: readonly string[]
}

/** What a drill allows. Outside of it everything is a fault of the platform. */
export interface Allowed {
  /** Acknowledged orders of these shards may be missing in the survivor until the heal: a hard switch. */
  readonly lossWindowMs: number
  /** How long an enforcement point may take to act under a new table. */
  readonly ackMs: number
  /** How far the claimed lag may be from the measured one. */
  readonly lagOffMs: number
}

/** A pure function from history to verdict. */
export type Check = (history: History, allowed: Allowed) => ClaimResult

import type { Direction } from '../links/wanted.ts'
import type { Blueprint } from '../topology/blueprint.ts'
import type { FaultPlan } from './fault.ts'
import type { Settings } from './request.ts'

/** A kind of fault: words for whoever reads them, and what it changes where. One file each, in `kinds/`. */
export interface FaultKind {
  readonly name: string
  /** In a few words, as a list shows it. */
  readonly summary: string
  /** What it really does, where that is not what one would think. */
  readonly really: string
  /** Syntax of its target. */
  readonly target: string
  /** The settings it takes. */
  readonly settings: readonly (keyof Settings)[]
  /** Longest lease; without it that of all. */
  readonly leaseMsMax?: (settings: Settings) => { readonly ms: number; readonly why: string } | null
  /** What it changes. Pure; begin, end and proofs of a change are those of its sort (see `Act`). @throws EZ_USAGE, EZ_UNKNOWN_… */
  plan(wish: Settings & { readonly target: string }, blueprint: Blueprint): Planned
}

export interface Planned {
  readonly plan: FaultPlan
  readonly direction: Direction | null
}

import type { SemiSync } from '@ezone/sdk/dal'
import { limits } from './limits.ts'

export interface CoverView {
  /** What the truth says: a write is acknowledged only when every other zone has received it. */
  readonly covered: boolean
  readonly semiSync: SemiSync
  /** How many other zones there are. */
  readonly others: number
  /** Whether every other zone has executed what the master had executed when this was last asked for. */
  readonly near: boolean
  readonly nowMs: number
}

/**
 * - `wait-for-all`: commits wait for the others from now on; the truth does not say so yet
 * - `cover`: the others have all that was committed before that: the truth may say so
 * - `uncover`: the truth shall say that the master goes on alone; only then it does
 * - `go-alone`: commits wait for nobody
 */
export type CoverAct = 'wait-for-all' | 'cover' | 'uncover' | 'go-alone' | 'nothing'

/**
 * Decides how commits of the master wait for the other zones. The truth comes first both ways: it says `covered` only
 * after commits wait, and a commit is let go alone only after the truth says no more that it is covered. So a master that
 * has lost the majority lets nothing go, and whoever takes over from a covered one finds every acknowledged write.
 */
export class Cover {
  #received = -1
  #progressAtMs = Number.NEGATIVE_INFINITY
  #completeAtMs = Number.NEGATIVE_INFINITY
  /**
   * Commits wait, and it is being seen whether the others have what came before: how often they were found to. Twice, as
   * a commit that was under way when the waiting began is surely told of only at the next look.
   */
  #proved: number | undefined

  decide({ covered, semiSync, others, near, nowMs }: CoverView): CoverAct {
    const { on, receivers, waiting, received } = semiSync
    const complete = receivers >= others
    if (complete || this.#completeAtMs === Number.NEGATIVE_INFINITY) this.#completeAtMs = nowMs
    if (received !== this.#received || waiting === 0) this.#progressAtMs = nowMs
    this.#received = received
    const stuck = nowMs - this.#progressAtMs >= limits.coverStuckMs || nowMs - this.#completeAtMs >= limits.coverAwayMs
    if (covered) {
      this.#proved = undefined
      // A hand or a restart has let commits go alone: what the truth says is not so.
      return stuck || !on ? 'uncover' : 'nothing'
    }
    if (!on) {
      this.#proved = undefined
      if (!complete || !near) return 'nothing'
      this.#proved = 0
      return 'wait-for-all'
    }
    // Left so by an earlier life of this keeper, or in vain.
    if (this.#proved === undefined || stuck || !complete) {
      this.#proved = undefined
      return 'go-alone'
    }
    this.#proved = near ? this.#proved + 1 : 0
    return this.#proved >= 2 ? 'cover' : 'nothing'
  }

  /** Whoever begins to be the master has seen nothing yet. */
  forget(): void {
    this.#received = -1
    this.#progressAtMs = Number.NEGATIVE_INFINITY
    this.#completeAtMs = Number.NEGATIVE_INFINITY
    this.#proved = undefined
  }
}

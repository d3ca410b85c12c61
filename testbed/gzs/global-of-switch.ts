import { EzoneError, type GlobalMode, type GlobalStatus } from '@ezone/sdk/model'
import { moveGlobal } from './global-move.ts'
import type { GzsClient } from './gzs-client.ts'

/** What became of the global master when its zone was left: a part of `data` of `failover`. */
export interface GlobalOfSwitch {
  /** `stayed`: it takes writes in the zone that was left, or nobody does; `reason` says why. */
  readonly outcome: 'moved' | 'stayed'
  readonly gapMs: number | null
  /** False where writes may have been acknowledged that the new master never saw. */
  readonly covered: boolean | null
  readonly reason: string | null
}

export interface GlobalOfSwitchOptions {
  readonly gzs: Pick<GzsClient, 'globalStatus' | 'beginGlobalMove'>
  readonly from: string
  readonly to: string
  readonly mode: GlobalMode
  readonly who: string
  readonly why: string
  /** The switch, where it had shards to move: GZS has begun the move of the master for it. */
  readonly id: string | null
  readonly signal: AbortSignal
}

/**
 * Follows the move of the global master out of a zone that was left with all its shards, and begins it where that was
 * not done. null where there was none to move.
 */
export async function globalOfSwitch(options: GlobalOfSwitchOptions): Promise<GlobalOfSwitch | null> {
  const { gzs, from, to, mode, who, why, id, signal } = options
  try {
    const { master, move } = (await gzs.globalStatus(signal)).zone
    const mine = id !== null && move?.id === `${id}.global`
    if (mine && move.outcome === 'moved')
      return { outcome: 'moved', gapMs: gapOf(move.steps), covered: move.covered, reason: null }
    if (master !== from && !(mine && move.outcome === null)) return null
    const { gapMs, covered } = await moveGlobal({ gzs, request: { to, mode, who, why, acceptLoss: false }, signal })
    return { outcome: 'moved', gapMs, covered, reason: null }
  } catch (error) {
    if (!EzoneError.is(error) || signal.aborted) throw error
    // A testbed without a Global Zone has nobody who has said who its master is.
    if (error.code === 'EZ_NOT_READY') return null
    return { outcome: 'stayed', gapMs: null, covered: null, reason: error.message }
  }
}

/** The Global Zone now; null where nobody has said who its master is: a testbed may have none. */
export async function globalNow(
  gzs: Pick<GzsClient, 'globalStatus'>,
  signal: AbortSignal,
): Promise<GlobalStatus['zone'] | null> {
  try {
    return (await gzs.globalStatus(signal)).zone
  } catch (error) {
    if (EzoneError.is(error, 'EZ_NOT_READY')) return null
    throw error
  }
}

const gapOf = (steps: readonly { readonly atMs: number }[]) => (steps.at(-1)?.atMs ?? 0) - (steps[0]?.atMs ?? 0)

/** Where the global master is after a switch, for a person; none where there was none to move. */
export function globalOfSwitchText(global: GlobalOfSwitch | null, from: string, to: string): readonly string[] {
  if (global === null) return []
  const { outcome, gapMs, covered, reason } = global
  if (outcome === 'stayed') return [`the global master stays in ${from}: ${reason}; \`ezone global move --to ${to}\``]
  const lost = covered ? '' : `; what ${from} acknowledged alone is lost, and named when it is back`
  return [`the global master moved to ${to}: nobody took its writes for ${gapMs} ms${lost}`]
}

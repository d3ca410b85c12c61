import { applyGlobalStep, type ServiceContext, withStep } from '@ezone/sdk'
import { ZookeeperError } from '@ezone/sdk/zookeeper'
import type { GlobalTruth, HeldZone } from './global-truth.ts'
import { limits } from './limits.ts'

export interface ThawGlobalOptions extends Pick<ServiceContext, 'clock' | 'log'> {
  readonly zone: string
  readonly truth: GlobalTruth
}

/** Rolls back a planned move of this zone's master that should have ended long ago: then no GZS lives to do it. */
export async function thawGlobal({ zone, truth, clock, log }: ThawGlobalOptions, held: HeldZone): Promise<void> {
  const { move, state } = held.value
  const nowMs = clock.nowMs()
  if (move === null || state === 'TAKEOVER' || nowMs <= move.expiresAtMs + limits.overdueMs) return
  const over = { outcome: 'rolled-back', endedAtMs: nowMs, controller: `${zone}-lease-keeper` } as const
  const after = withStep(move, 'roll-back', nowMs, { ...over, reason: `no GZS ended it; ${zone} took it back` })
  try {
    await truth.change(held, applyGlobalStep(held.value, 'roll-back', after))
    log.warn({ id: move.id }, 'nobody ended the move of the global master: it is the master again')
  } catch (error) {
    // Somebody else ended it, or there is no majority now: what became of it is read with the record.
    if (!ZookeeperError.is(error)) throw error
  }
}

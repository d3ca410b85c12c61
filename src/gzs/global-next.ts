import { EzoneError, type GlobalAck, type GlobalMove, type GlobalStep, type GlobalZone } from '@ezone/sdk'

/** What a controller knows when it decides: the truth, and how long it has known that the master was seized. */
export interface GlobalView {
  readonly zone: GlobalZone
  readonly move: GlobalMove
  /** zone -> what its lease-keeper has made true of its server. */
  readonly acks: ReadonlyMap<string, GlobalAck>
  readonly nowMs: number
  /** Since this controller first saw the present epoch: never longer than the truth. */
  readonly quietMs: number
  /** After so long without a word from the old master no write of it can be acknowledged any more. */
  readonly seizeMs: number
}

export type GlobalDecision =
  | { readonly kind: 'step'; readonly step: GlobalStep; readonly barrier?: string; readonly reason?: string }
  | { readonly kind: 'end'; readonly outcome: 'moved' | 'unconfirmed'; readonly reason: string | null }
  /** For whom, in words, and when to look again though nothing has changed. */
  | { readonly kind: 'wait'; readonly why: string; readonly untilMs: number }

/** What a move of the global master needs next. Looks at the truth alone: any controller decides the same after a crash. */
export function nextGlobalStep(view: GlobalView): GlobalDecision {
  const { zone, move, nowMs } = view
  if (zone.state === 'ACTIVE') return confirmed(view)
  const next = waitFor(view)
  if (next.kind === 'wait' && zone.state !== 'TAKEOVER' && nowMs >= move.expiresAtMs)
    return { kind: 'step', step: 'roll-back', reason: next.why }
  return next
}

function waitFor({ zone, move, acks, nowMs, quietMs, seizeMs }: GlobalView): GlobalDecision {
  const { from, to, expiresAtMs } = move
  const source = acks.get(from)
  const wait = (why: string, untilMs = expiresAtMs): GlobalDecision => ({ kind: 'wait', why, untilMs })
  const stopped = source?.epoch === zone.epoch && source.role === 'stopped'
  switch (zone.state) {
    case 'FROZEN':
      if (!stopped || source.executed === null) return wait(`${from} has not confirmed that it takes no writes`)
      return { kind: 'step', step: 'drain', barrier: source.executed }
    case 'DRAINING':
      if (acks.get(to)?.drained === zone.epoch) return { kind: 'step', step: 'commit' }
      return wait(`${to} has not executed what ${from} wrote before it stopped`)
    case 'TAKEOVER':
      // No commit was acknowledged that the target has not received, and none will be once it listens no more.
      if (move.covered || stopped || quietMs >= seizeMs) return { kind: 'step', step: 'serve' }
      return wait(`the lease of ${from} may still let writes through`, nowMs + seizeMs - quietMs)
    default:
      throw new EzoneError('EZ_BUG', `the Global Zone is ${zone.state} although it is being moved`)
  }
}

/** The truth has moved it. It is served as soon as the lease-keeper of its new zone says so. */
function confirmed({ zone, move, acks, nowMs }: GlobalView): GlobalDecision {
  const target = acks.get(move.to)
  if (target?.role === 'master' && target.epoch >= zone.epoch) return { kind: 'end', outcome: 'moved', reason: null }
  const why = `${move.to} has not confirmed that it takes the writes of the Global Zone${target?.trouble ? `: ${target.trouble}` : ''}`
  if (nowMs >= move.expiresAtMs) return { kind: 'end', outcome: 'unconfirmed', reason: why }
  return { kind: 'wait', why, untilMs: move.expiresAtMs }
}

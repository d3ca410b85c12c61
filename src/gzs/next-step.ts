import { type Barrier, EzoneError, type FenceAcks, type MoveStep, type RoutingTable, type ShardMove } from '@ezone/sdk'

/** What a controller knows when it decides: the truth, and how long it has known that the shard is frozen. */
export interface MoveView {
  readonly table: RoutingTable
  readonly move: ShardMove
  /** zone -> what its lease-keeper has made true. */
  readonly fences: ReadonlyMap<string, FenceAcks>
  readonly nowMs: number
  /**
   * Since this controller first saw the shard under its present epoch, or the last extension of the lease of its zone:
   * never longer than the truth.
   */
  readonly quietMs: number
  /** After so long without a word from the zone it was taken from, no write of that zone can come any more. */
  readonly seizeMs: number
}

export type Decision =
  | { readonly kind: 'step'; readonly step: MoveStep; readonly barrier?: Barrier; readonly reason?: string }
  | { readonly kind: 'end'; readonly outcome: 'moved' | 'unconfirmed'; readonly reason: string | null }
  /** For whom, in words, and when to look again though nothing has changed. */
  | { readonly kind: 'wait'; readonly why: string; readonly untilMs: number }

/**
 * What a move needs next. Looks at the truth alone, so that any controller decides the same after any crash; and every
 * decision is made true by compare-and-set, so that of two controllers one acts and the other looks again.
 */
export function nextStep(view: MoveView): Decision {
  const { table, move } = view
  const entry = table.shards.find((s) => s.shard === move.shard)
  if (entry === undefined) throw new EzoneError('EZ_BUG', `the table has lost shard ${move.shard}`)
  const arrived = move.step === 'commit' || move.step === 'serve'
  // Table and move are two nodes, read one after the other: one may be of before the last step.
  if (arrived !== (entry.state === 'ACTIVE') || (!arrived && entry.move?.id !== move.id))
    return { kind: 'wait', why: 'the truth is being read', untilMs: move.expiresAtMs }
  if (arrived) return confirmed(view, entry.epoch)
  const waiting = waitFor(view, entry.epoch)
  if (waiting.kind === 'wait' && view.nowMs >= move.expiresAtMs)
    return { kind: 'step', step: 'roll-back', reason: waiting.why }
  return waiting
}

function waitFor({ move, fences, nowMs, quietMs, seizeMs }: MoveView, epoch: number): Decision {
  const { from, to, shard, step, expiresAtMs } = move
  const [source, target] = [fences.get(from), fences.get(to)]
  const wait = (why: string, untilMs = expiresAtMs): Decision => ({ kind: 'wait', why, untilMs })
  const frozen = source?.shards[shard]?.epoch === epoch
  switch (step) {
    case 'freeze': {
      const barrier = frozen ? source?.barrier[shard] : undefined
      if (barrier === undefined) return wait(`${from} has not confirmed the freeze`)
      return { kind: 'step', step: 'drain', barrier }
    }
    case 'drain':
      if (target?.drained[shard] === epoch) return { kind: 'step', step: 'commit' }
      return wait(`${to} has not applied what ${from} wrote before the freeze`)
    case 'seize':
      if (frozen || quietMs >= seizeMs) return { kind: 'step', step: 'serve' }
      return wait(`the lease of ${from} may still let writes through`, Math.min(expiresAtMs, nowMs + seizeMs - quietMs))
    default:
      throw new EzoneError('EZ_BUG', `shard ${shard} is on its way although ${step} has been done`)
  }
}

/** The table has moved the shard. It is served as soon as the fence of its zone says so. */
function confirmed({ move, fences, nowMs }: MoveView, epoch: number): Decision {
  const { to, shard, expiresAtMs } = move
  if ((fences.get(to)?.shards[shard]?.epoch ?? 0) >= epoch) return { kind: 'end', outcome: 'moved', reason: null }
  const why = `${to} has not confirmed that it serves shard ${shard}`
  if (nowMs >= expiresAtMs) return { kind: 'end', outcome: 'unconfirmed', reason: why }
  return { kind: 'wait', why, untilMs: expiresAtMs }
}

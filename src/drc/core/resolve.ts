import type { Incoming, LocalRow, Resolution, Version } from './types.ts'

export interface Meeting {
  readonly incoming: Pick<Incoming, 'op' | 'ver' | 'beforeVer' | 'epoch'>
  readonly local: Pick<LocalRow, 'ver' | 'tombstone'> & { readonly row: unknown }
  /** Epoch of the last unplanned takeover, where this zone owns the shard now; otherwise 0. */
  readonly takenEpoch: number
}

/**
 * Decides between a change that arrives and what is here: the greater version is the row from now on. That is the maximum
 * of a total order, so zones end with the same row in whatever order, and however often, the same changes arrive.
 *
 * A loser is what nobody has seen who wrote the winner. Every loser is noted in at least two zones: where it arrives too
 * late, and where it was made when the winner comes. Two deletes, or a new row over a delete, lose nothing.
 * With three zones a change may also be overtaken by its own successor on another way; it looks like a loser and is noted.
 */
export function resolve({ incoming, local, takenEpoch }: Meeting): Resolution {
  const here = registerOf(local)
  if (incoming.ver === here) return { verdict: 'same', loser: null, lock: false }
  const applies = incoming.ver > here
  const loser = applies ? localLoses(incoming, local, here) : incomingLoses(incoming, local)
  return { verdict: applies ? 'apply' : 'drop', loser, lock: loser !== null && incoming.epoch < takenEpoch }
}

/** The version a key has in a zone, whether there is a row or the tombstone of one; 0n for neither. */
export const registerOf = ({ ver, tombstone }: Pick<LocalRow, 'ver' | 'tombstone'>): Version =>
  ver > tombstone ? ver : tombstone

function localLoses(incoming: Meeting['incoming'], local: Meeting['local'], here: Version): Resolution['loser'] {
  if (here <= incoming.beforeVer) return null
  return local.row !== null || incoming.op === 'update' ? 'local' : null
}

const incomingLoses = (incoming: Meeting['incoming'], local: Meeting['local']): Resolution['loser'] =>
  incoming.op === 'delete' && local.row === null ? null : 'incoming'

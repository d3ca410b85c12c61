import type { LogRecord } from '@ezone/sdk/model'
import type { LoggedTransaction, Position } from './types.ts'

/**
 * Whether a transaction of the log is the one to apply now. Numbers of a server rise but need not be without holes, so each
 * transaction names the one before it: what is missing in between cannot go unseen.
 *
 * @param position number of the last one applied; 0 where none of that server was
 * @returns `done`: applied before (the log repeats after a crash of the relay). `gap`: one before it never came.
 */
export function judge(
  position: number,
  { previous, gno }: Pick<LoggedTransaction, 'previous' | 'gno'>,
): 'next' | 'done' | 'gap' {
  if (gno <= position) return 'done'
  return previous === position ? 'next' : 'gap'
}

/**
 * Where a relay goes on, by the newest record of the log: after its transaction, or before it where parts are missing. The
 * newest may be the repeat of an older one, by a relay that was paused; then some more is repeated.
 */
export function positionAfter({ uuid, gno, previous, part, parts }: LogRecord): Position {
  const known = part === parts ? gno : previous
  return new Map(known > 0 ? [[uuid, known]] : [])
}

/**
 * The first offset of a log whose record is not applied yet, found by halving; `end` where all are. Numbers rise along the
 * log except where a paused relay has repeated old ones. There it may find a place too far on; the gap that this shows as
 * is then none, and reading from the log's start mends it.
 */
export async function firstUnapplied(
  { start, end }: { readonly start: bigint; readonly end: bigint },
  isApplied: (offset: bigint) => Promise<boolean>,
): Promise<bigint> {
  let [low, high] = [start, end]
  if (low < high && (await isApplied(high - 1n))) return high
  while (low < high) {
    const middle = (low + high) / 2n
    if (await isApplied(middle)) low = middle + 1n
    else high = middle
  }
  return low
}

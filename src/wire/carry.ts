import { EzoneError, type ShardState, type TableIndex, type TableSubscription } from '@ezone/sdk'
import type { Hold } from './hold.ts'
import type { Incoming } from './upstream.ts'

/** After a refusal the zone and we see different tables; if no new one comes, it is asked again, ever more slowly. */
const pauseMs = { first: 25, max: 400 } as const

/** Codes by which a zone says that it is not, or not now, the one to do it; and that nothing was done. */
const elsewhere = new Set(['EZ_SHARD_FROZEN', 'EZ_STALE_EPOCH', 'EZ_WRONG_ZONE_WRITE', 'EZ_WRONG_ZONE'])

/** Where a request goes under one table. */
export interface Target {
  readonly shard: number
  readonly zone: string
  readonly state: ShardState
}

export interface Passage<T extends Target> {
  readonly write: boolean
  /** Where it goes, by this table. */
  readonly decide: (index: TableIndex) => T
  readonly send: (target: T) => Promise<Incoming>
  /** How long the caller waits. */
  readonly atMostMs: number
  readonly signal: AbortSignal
}

export interface Carried<T extends Target> {
  readonly target: T
  readonly answer: Incoming
  readonly heldMs: number
}

/**
 * Takes a request to the zone of its shard, whichever that is by the time it can be done:
 *
 *   table says ACTIVE, or it only reads  -> sent
 *   table says anything else             -> held until the next table, then decided anew
 *   the zone says "not here, not now"    -> the same: a move has overtaken the table of one of us
 *
 * So a planned move costs waiting, and no error. All waits together are bounded (`Hold`).
 * @throws EZ_SHARD_FROZEN where the waiting was in vain; what the zone said last is handed back as it is
 */
export async function carry<T extends Target>(
  table: TableSubscription,
  hold: Hold,
  passage: Passage<T>,
): Promise<Carried<T>> {
  const { write, decide, send, atMostMs, signal } = passage
  using waits = hold.begin(atMostMs)
  for (let pause: number = pauseMs.first; ; pause = Math.min(pause * 2, pauseMs.max)) {
    const { index } = table
    const { version } = index.table
    const target = decide(index)
    if (write && target.state !== 'ACTIVE') {
      if (await waits.wait(version, atMostMs, signal)) continue
      const { shard, state, zone } = target
      throw new EzoneError('EZ_SHARD_FROZEN', `shard ${shard} of zone ${zone} is ${state}; nothing was done`)
    }
    const answer = await send(target)
    if (!saysElsewhere(answer) || !(await waits.wait(version, pause, signal)))
      return { target, answer, heldMs: waits.heldMs }
  }
}

/** Decided by the code of a refusal, which is read only where the status is that of one. */
export function saysElsewhere({ status, body }: Incoming): boolean {
  if (status < 400) return false
  try {
    const { error } = JSON.parse(body.toString('utf8')) as { error?: { code?: string } }
    return elsewhere.has(error?.code ?? '')
  } catch {
    return false
  }
}

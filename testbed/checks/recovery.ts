import type { History, OperationEntry } from '../ledger/history.ts'
import { isOrderWrite, pushTo } from './operations.ts'
import type { Ownership } from './ownership.ts'
import { isOfOrders, isServed } from './served.ts'

const windowMs = 2_000
const servedMin = 0.995

/**
 * How long the clients of a shard had to wait until it was as before; null where it never was. Clients inside a zone share
 * its fate, whoever owns the shard then: only those who come by the edge are asked.
 */
export interface ShardRecovery {
  readonly shard: number
  readonly rtoMs: number | null
  /** The longest time in which somebody wanted to write and no write came through. */
  readonly writeGapMs: number
}

/**
 * Shards that the trouble was about: those the table moved or took over from then on; where it moved none, those whose
 * clients were not served.
 */
export function affectedShards(history: History, owners: Ownership, t0Ms: number): readonly number[] {
  const moved = owners.shards.filter((shard) => owners.of(shard).some(({ atMs }, index) => index > 0 && atMs >= t0Ms))
  if (moved.length > 0) return moved.toSorted((a, b) => a - b)
  const hurt = history.op.filter((op) => isOfOrders(op) && op.answeredMs >= t0Ms && !isServed(op))
  return [...new Set(hurt.flatMap(({ shard }) => shard ?? []))].toSorted((a, b) => a - b)
}

export function recoveries(history: History, shards: readonly number[], t0Ms: number): readonly ShardRecovery[] {
  const wanted = new Set(shards)
  const byShard = new Map<number, OperationEntry[]>()
  for (const op of history.op)
    if (op.shard !== null && wanted.has(op.shard) && isOfOrders(op) && op.inside === null) pushTo(byShard, op.shard, op)
  const seenUntilMs = lastIntendedMs(history)
  return shards.map((shard) => {
    const ops = byShard.get(shard) ?? []
    return { shard, rtoMs: rtoOf(ops, t0Ms, seenUntilMs), writeGapMs: writeGapOf(ops.filter(isOrderWrite), t0Ms) }
  })
}

/**
 * From the beginning of the trouble to the first two seconds, of those that follow the first operation it hurt, in which
 * 99.5 % of the operations were served. 0 where none was hurt; null where nobody looked for so long, until `seenUntilMs`.
 */
export function rtoOf(operations: readonly OperationEntry[], t0Ms: number, seenUntilMs: number): number | null {
  const ops = operations.toSorted((a, b) => a.intendedMs - b.intendedMs)
  const hurt = ops.findIndex((op) => op.answeredMs >= t0Ms && !isServed(op))
  if (hurt === -1) return 0
  let [end, served] = [hurt, 0]
  for (let first = hurt; first < ops.length; first++) {
    const startMs = ops[first]?.intendedMs ?? 0
    for (let op = ops[end]; op !== undefined && op.intendedMs < startMs + windowMs; op = ops[++end])
      if (isServed(op)) served++
    if (startMs + windowMs > seenUntilMs) return null
    if (startMs >= t0Ms && served >= (end - first) * servedMin) return startMs - t0Ms
    const leaves = ops[first]
    if (leaves !== undefined && isServed(leaves)) served--
  }
  return null
}

/** Until when the clients of a run meant to ask something. */
export const lastIntendedMs = ({ op }: Pick<History, 'op'>): number =>
  op.reduce((last, { intendedMs }) => Math.max(last, intendedMs), 0)

/**
 * The longest time, after the trouble began, from when a write was wanted (or the one before it was done) to when the next
 * one was done. A shard that nobody wants to write has no gap.
 */
function writeGapOf(writes: readonly OperationEntry[], t0Ms: number): number {
  const byAnswer = writes.toSorted((a, b) => a.answeredMs - b.answeredMs)
  let [longestMs, wantedMs, doneMs] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { intendedMs, answeredMs, outcome } of byAnswer) {
    wantedMs = Math.min(wantedMs, Math.max(intendedMs, doneMs))
    if (answeredMs >= t0Ms) longestMs = Math.max(longestMs, answeredMs - Math.max(wantedMs, doneMs))
    if (outcome !== 'ok') continue
    doneMs = answeredMs
    wantedMs = Number.POSITIVE_INFINITY
  }
  return longestMs
}

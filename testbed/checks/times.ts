import type { History } from '../ledger/history.ts'
import { faultSpans } from './faults.ts'
import { isOrderWrite } from './operations.ts'
import type { Ownership } from './ownership.ts'
import { isServed } from './served.ts'

/** The moments of a switch, in milliseconds since the run began; null where they were not seen. */
export interface Times {
  /** The first fault is in force; without one, a switch begins, or the table changes. */
  readonly t0: number | null
  /** The first client that was not served as it should be. */
  readonly t1: number | null
  /** Somebody says that a zone is lost. */
  readonly t2: number | null
  /** The switch begins. */
  readonly t3: number | null
  /** The old owner may write no more. */
  readonly t4: number | null
  /** The table names the new owner. */
  readonly t5: number | null
  /** The last enforcement point acts under that table. */
  readonly t6: number | null
  /** The first write is acknowledged by the new owner. */
  readonly t7: number | null
  /** The last affected shard is as before. */
  readonly t8: number | null
}

const stepNames = { detected: /detect|suspect|lost-zone/, begun: /^begin|decide/, fenced: /fence|seize|freeze/ }

export function beginOfTrouble(history: History): number | null {
  const fault = faultSpans(history)[0]?.fromMs
  const changed = history.owner.filter((entry, index, all) => all.findIndex((one) => one.shard === entry.shard) < index)
  return fault ?? history.step[0]?.atMs ?? changed[0]?.atMs ?? null
}

export function timesOf(history: History, owners: Ownership, shards: readonly number[], rtoMs: number | null): Times {
  const t0 = beginOfTrouble(history)
  const affected = new Set(shards)
  const stepAt = (name: RegExp) => history.step.find((step) => name.test(step.name))?.atMs ?? null
  const bad = history.op.filter(
    (op) => t0 !== null && op.answeredMs >= t0 && !isServed(op) && op.shard !== null && affected.has(op.shard),
  )
  const moves = shards.flatMap((shard) => {
    const entries = owners.of(shard)
    return entries.filter((entry, i) => i > 0 && entry.state === 'ACTIVE' && entry.zone !== entries[0]?.zone)
  })
  const published = moves.toSorted((a, b) => a.atMs - b.atMs)[0]
  const fencedAt = shards.flatMap((shard) => owners.of(shard).find(({ state }) => state !== 'ACTIVE')?.atMs ?? [])
  const firstWrite = history.op
    .filter((op) => op.outcome === 'ok' && isOrderWrite(op) && isOfNew(op, moves))
    .reduce((first, { answeredMs }) => Math.min(first, answeredMs), Number.POSITIVE_INFINITY)
  return {
    t0,
    t1: bad.length === 0 ? null : bad.reduce((first, { answeredMs }) => Math.min(first, answeredMs), Infinity),
    t2: stepAt(stepNames.detected),
    t3: stepAt(stepNames.begun),
    t4: stepAt(stepNames.fenced) ?? (fencedAt.length === 0 ? null : Math.min(...fencedAt)),
    t5: published?.atMs ?? null,
    t6: lastAcked(history, Math.max(...moves.map(({ epoch }) => epoch))),
    t7: Number.isFinite(firstWrite) ? firstWrite : null,
    t8: t0 === null || rtoMs === null ? null : t0 + rtoMs,
  }
}

interface Owner {
  readonly shard: number
  readonly zone: string
  readonly epoch: number
}

const isOfNew = (
  op: { readonly shard: number | null; readonly zone: string | null; readonly epoch: number | null },
  moves: readonly Owner[],
) => moves.some(({ shard, zone, epoch }) => op.shard === shard && op.zone === zone && (op.epoch ?? 0) >= epoch)

/** Null where one of them has not come so far. */
function lastAcked({ acked }: History, version: number): number | null {
  if (!Number.isFinite(version)) return null
  const points = Map.groupBy(acked, ({ subscriber }) => subscriber)
  const reached = [...points.values()].map((acks) => acks.find((ack) => ack.version >= version)?.atMs)
  if (reached.length === 0 || reached.includes(undefined)) return null
  return Math.max(...reached.map((atMs) => atMs ?? 0))
}

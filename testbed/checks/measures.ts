import type { History } from '../ledger/history.ts'
import { lostForGood } from './no-acknowledged-order-lost.ts'
import { compareVersions, firstSent, orderOf } from './operations.ts'
import { type Ownership, ownership } from './ownership.ts'
import { affectedShards, lastIntendedMs, recoveries, rtoOf, type ShardRecovery } from './recovery.ts'
import { type SeriesOf, seriesOf } from './series.ts'
import { isServed } from './served.ts'
import { beginOfTrouble, type Times, timesOf } from './times.ts'

/** What clients met, in figures; no judgement. All of it is counted from the history alone. */
export interface Measures {
  readonly times: Times
  /** Of the shard that took longest; null where one never recovered, or nothing was broken or moved. */
  readonly rtoMs: number | null
  readonly rto: {
    readonly perShard: readonly ShardRecovery[]
    readonly p50Ms: number | null
    readonly worstShard: number | null
    /** The same for registrations, which belong to no shard. */
    readonly registrationMs: number | null
  }
  /** Of the affected shards the longest time in which somebody wanted to write and no write came through. */
  readonly writeGapMs: number | null
  /** Acknowledged orders that the new owner did not have after a takeover, or that are missing for good. */
  readonly rpoOrders: readonly string[]
  readonly rpo: {
    /** What the platform itself said is lost. */
    readonly claimed: readonly string[]
    /** What the new owner's database did not have at the switch; what clients asked for in vain, or saw older than it was. */
    readonly missed: readonly string[]
    /** What is missing, or older than promised, when all is over. */
    readonly forGood: readonly string[]
  }
  /** Acknowledged orders, which the lost ones are a share of. */
  readonly acknowledged: number
  /** Code -> how often, of what was not served since the trouble began. */
  readonly clientErrors: Readonly<Record<string, number>>
  readonly series: SeriesOf
}

export function measure(history: History): Measures {
  const owners = ownership(history)
  const t0 = beginOfTrouble(history)
  const shards = t0 === null ? [] : affectedShards(history, owners, t0)
  const perShard = t0 === null ? [] : recoveries(history, shards, t0)
  const ordered = perShard.toSorted((a, b) => (a.rtoMs ?? Infinity) - (b.rtoMs ?? Infinity))
  const worst = ordered.at(-1)
  // Trouble that hurt nobody is over at once.
  const rtoMs = t0 === null ? null : worst === undefined ? 0 : worst.rtoMs
  const missed = [...notThere(history).union(missedAfterTakeover(history, owners))]
  const forGood = lostForGood(history)
  const registrations = history.op.filter(({ kind }) => kind === 'register')
  return {
    times: timesOf(history, owners, shards, rtoMs),
    rtoMs,
    rto: {
      perShard,
      p50Ms: ordered[(ordered.length - 1) >> 1]?.rtoMs ?? null,
      worstShard: worst?.shard ?? null,
      registrationMs: t0 === null ? null : rtoOf(registrations, t0, lastIntendedMs(history)),
    },
    writeGapMs: perShard.length === 0 ? null : Math.max(...perShard.map(({ writeGapMs }) => writeGapMs)),
    rpoOrders: [...new Set([...missed, ...forGood])],
    rpo: { claimed: claimedLost(history), missed, forGood },
    acknowledged: new Set(history.op.flatMap((op) => (isPlaced(op) ? (op.orderId ?? []) : []))).size,
    clientErrors: errorsSince(history, t0 ?? 0),
    series: seriesOf(history, owners),
  }
}

const isPlaced = ({ kind, outcome }: History['op'][number]) => kind === 'place' && outcome === 'ok'

function claimedLost({ step }: History): readonly string[] {
  const texts = step.filter(({ name }) => name === 'lost').map(({ text }) => text ?? '')
  return [...new Set(texts.flatMap((text) => text.match(/\d{10,19}/g) ?? []))]
}

function errorsSince({ op }: History, t0Ms: number): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const one of op) {
    if (one.answeredMs < t0Ms || isServed(one)) continue
    const code = one.code ?? one.outcome
    counts[code] = (counts[code] ?? 0) + 1
  }
  return counts
}

const notThere = ({ missing }: History) => new Set(missing.flatMap(({ orderIds }) => orderIds))

/** Orders of shards that were taken over, acknowledged before somebody asked for them and found them gone or older. */
function missedAfterTakeover(history: History, owners: Ownership): ReadonlySet<string> {
  const since = firstSent(history)
  const acknowledged = new Map<string, { readonly version: string; readonly atMs: number }>()
  const missed = new Set<string>()
  for (const op of history.op.toSorted((a, b) => a.answeredMs - b.answeredMs)) {
    const takenAtMs = owners.takenAtMs(op.shard)
    const orderId = orderOf(op) ?? op.subject
    if (takenAtMs === null || orderId === null) continue
    const known = acknowledged.get(orderId)
    const asked = known !== undefined && known.atMs < since(op) && op.answeredMs >= takenAtMs
    if (op.outcome === 'failed' && op.code === 'EZ_UNKNOWN_ORDER' && asked) missed.add(orderId)
    if (op.outcome !== 'ok' || op.version === null) continue
    if (asked && compareVersions(op.version, known.version) < 0) missed.add(orderId)
    if (known === undefined || compareVersions(op.version, known.version) > 0)
      acknowledged.set(orderId, { version: op.version, atMs: op.answeredMs })
  }
  return missed
}

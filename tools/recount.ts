import { readFileSync } from 'node:fs'

/**
 *   node --conditions=ezone-source tools/recount.ts HISTORY.ndjson
 *
 * RTO and RPO of a run, counted again from the raw history. Knows nothing of testbed/checks or testbed/ledger: whatever it
 * agrees with them in, two people have counted. By definition, and as simply as can be, however long it takes:
 *
 *   T0    the first fault is in force; without one the first step of a switch, or the first change of the table
 *   RTO   per affected shard: from T0 to the first 2 s in which 99.5 % of its operations by the edge were served, of those
 *         windows that begin with an operation, with the first one that was hurt or later, and have ended when the last
 *         operation of the run was meant to be sent. Of the slowest shard. Affected are shards that the table changed after T0; if none, those whose clients
 *         were hurt
 *   RPO   acknowledged orders that the new owner's database did not have at a switch; that clients, after their shard was
 *         taken over, asked for and found gone or older; and those that are gone or older in all zones when it is over
 */
interface Op {
  readonly type: string
  readonly kind: string
  /** The zone its client sits in; null for one that comes by the edge. */
  readonly inside: string | null
  readonly outcome: string
  readonly code: string | null
  readonly intendedMs: number
  readonly sentMs: number
  readonly answeredMs: number
  readonly key: string | null
  readonly shard: number | null
  readonly subject: string | null
  readonly orderId: string | null
  readonly version: string | null
  readonly saw: string | null
  readonly wanted: string | null
}
interface Line extends Op {
  readonly phase: string
  readonly atMs: number
  readonly state: string
  readonly locked: boolean
  readonly orderIds: readonly string[]
}

const windowMs = 2_000
const servedMin = 0.995
const meantNo = ['EZ_BAD_TRANSITION', 'EZ_ORDER_LOCKED', 'EZ_PHONE_TAKEN', 'EZ_RIDER_BUSY', 'EZ_UNKNOWN_ORDER']
const ofOrders = ['place', 'advance', 'read']
const after: Readonly<Record<string, string>> = {
  created: 'created paid accepted assigned pickedUp delivered cancelled',
  paid: 'paid accepted assigned pickedUp delivered cancelled',
  accepted: 'accepted assigned pickedUp delivered cancelled',
  assigned: 'assigned pickedUp delivered cancelled',
  pickedUp: 'pickedUp delivered',
  delivered: 'delivered',
  cancelled: 'cancelled',
}

export interface Recounted {
  readonly t0: number | null
  /** Null where nothing was broken, or a shard never recovered. */
  readonly rtoMs: number | null
  readonly slowestShard: number | null
  readonly rpoOrders: readonly string[]
  /** As the ledger itself found it at a switch: acknowledged, and not in the new owner's database. */
  readonly missingAtSwitch: readonly string[]
  /** In no zone at all when it is over. */
  readonly gone: readonly string[]
  readonly acknowledged: number
}

/** @param text of a history; a last line that is cut off is left out */
export function recount(text: string): Recounted {
  const lines = text.split('\n').flatMap((line): Line[] => {
    try {
      return [JSON.parse(line) as Line]
    } catch {
      return []
    }
  })
  const of = (type: string) => lines.filter((line) => line.type === type)
  const ops = of('op')
  const t0 = beginOf(lines)
  const rtos = t0 === null ? [] : affected(of('owner'), ops, t0).map((shard) => [shard, rtoOf(ops, shard, t0)] as const)
  const slowest = rtos.toSorted(([, a], [, b]) => (b ?? Infinity) - (a ?? Infinity))[0]
  const placed = ops.filter((op) => op.kind === 'place' && op.outcome === 'ok').flatMap(({ orderId }) => orderId ?? [])
  const rows = Map.groupBy(of('order'), ({ orderId }) => orderId)
  const missing = of('missing').flatMap(({ orderIds }) => orderIds)
  const lost = [
    ...missing,
    ...missedLater(ops, takenAt(of('owner'))),
    ...lostForGood(ops, rows, of('conflict') as never),
  ]
  return {
    t0,
    rtoMs: t0 === null ? null : slowest === undefined ? 0 : slowest[1],
    slowestShard: slowest?.[0] ?? null,
    rpoOrders: [...new Set(lost)].toSorted(),
    missingAtSwitch: [...new Set(missing)].toSorted(),
    gone: [...new Set(placed)].filter((id) => !rows.has(id)).toSorted(),
    acknowledged: new Set(placed).size,
  }
}

function beginOf(lines: readonly Line[]): number | null {
  const faults = lines.filter(({ type, phase }) => type === 'fault' && phase === 'in-force').map(({ atMs }) => atMs)
  if (faults.length > 0) return Math.min(...faults)
  const step = lines.find(({ type }) => type === 'step')
  if (step !== undefined) return step.atMs
  const named = new Set<number | null>()
  for (const { type, shard, atMs } of lines) {
    if (type !== 'owner') continue
    if (named.has(shard)) return atMs
    named.add(shard)
  }
  return null
}

const served = ({ outcome, code }: Op) => outcome === 'ok' || (outcome === 'failed' && meantNo.includes(code ?? ''))

function affected(owners: readonly Line[], ops: readonly Op[], t0: number): readonly number[] {
  const changed = [...Map.groupBy(owners, ({ shard }) => shard)].filter(([, entries]) =>
    entries.toSorted((a, b) => a.atMs - b.atMs).some(({ atMs }, index) => index > 0 && atMs >= t0),
  )
  const hurt = ops.filter((op) => ofOrders.includes(op.kind) && op.answeredMs >= t0 && !served(op))
  const shards = changed.length > 0 ? changed.map(([shard]) => shard) : hurt.map(({ shard }) => shard)
  return [...new Set(shards)].flatMap((shard) => shard ?? [])
}

function rtoOf(all: readonly Op[], shard: number, t0: number): number | null {
  const ops = all.filter((op) => op.shard === shard && op.inside === null && ofOrders.includes(op.kind))
  const lastMs = all.reduce((last, { intendedMs }) => Math.max(last, intendedMs), 0)
  const hurt = ops.filter((op) => op.answeredMs >= t0 && !served(op)).map(({ intendedMs }) => intendedMs)
  if (hurt.length === 0) return 0
  const firstHurtMs = Math.min(...hurt)
  const starts = ops.map(({ intendedMs }) => intendedMs).toSorted((a, b) => a - b)
  for (const startMs of starts) {
    if (startMs < firstHurtMs || startMs < t0 || startMs + windowMs > lastMs) continue
    const within = ops.filter(({ intendedMs }) => intendedMs >= startMs && intendedMs < startMs + windowMs)
    if (within.filter(served).length >= within.length * servedMin) return startMs - t0
  }
  return null
}

function takenAt(owners: readonly Line[]): ReadonlyMap<number | null, number> {
  const taken = owners.filter(({ state }) => state === 'TAKEOVER').toSorted((a, b) => b.atMs - a.atMs)
  return new Map(taken.map(({ shard, atMs }) => [shard, atMs]))
}

const orderOf = ({ kind, orderId, subject }: Op) => (ofOrders.includes(kind) ? (orderId ?? subject) : null)
const older = (a: string, b: string) => BigInt(a) < BigInt(b)

/** Somebody had been told, before asking; and after the takeover was told less, or that there is no such order. */
function missedLater(ops: readonly Op[], taken: ReadonlyMap<number | null, number>): readonly string[] {
  const byOrder = Map.groupBy(
    ops.filter((op) => taken.has(op.shard)),
    orderOf,
  )
  const firstSentMs = new Map<string, number>()
  for (const { key, sentMs } of ops)
    if (key !== null) firstSentMs.set(key, Math.min(sentMs, firstSentMs.get(key) ?? Infinity))
  return [...byOrder].flatMap(([orderId, about]) => {
    const isMissed = about.some((op) => {
      const sinceMs = op.key === null ? op.sentMs : (firstSentMs.get(op.key) ?? op.sentMs)
      const told = about.filter((one) => one.outcome === 'ok' && one.version !== null && one.answeredMs < sinceMs)
      if (told.length === 0 || op.answeredMs < (taken.get(op.shard) ?? Infinity)) return false
      if (op.outcome === 'failed') return op.code === 'EZ_UNKNOWN_ORDER'
      return (
        op.outcome === 'ok' && op.version !== null && told.some((one) => older(op.version ?? '', one.version ?? ''))
      )
    })
    return isMissed && orderId !== null ? [orderId] : []
  })
}

function lostForGood(
  ops: readonly Op[],
  rows: ReadonlyMap<string | null, readonly Line[]>,
  conflicts: readonly { readonly key: string }[],
): readonly string[] {
  // Where no rows were read, nobody knows.
  if (rows.size === 0) return []
  const doubted = new Set(conflicts.flatMap(({ key }) => key.match(/\d+/g) ?? []))
  const promises = ops.filter(({ kind, outcome }) => outcome === 'ok' && (kind === 'place' || kind === 'advance'))
  return promises.flatMap((op) => {
    const id = orderOf(op)
    const copies = rows.get(id) ?? []
    const newest = copies.toSorted((a, b) => (older(a.version ?? '0', b.version ?? '0') ? 1 : -1))[0]
    if (id === null) return []
    if (newest === undefined) return [id]
    if (op.version !== null && older(newest.version ?? '0', op.version)) return [id]
    const promised = op.saw ?? op.wanted ?? 'created'
    const isInDoubt = doubted.has(id) || copies.some(({ locked }) => locked)
    return isInDoubt || (after[promised] ?? newest.state).split(' ').includes(newest.state) ? [] : [id]
  })
}

const [file] = process.argv.slice(2)
if (import.meta.main && file !== undefined)
  process.stdout.write(`${JSON.stringify(recount(readFileSync(file, 'utf8')), null, 2)}\n`)

import { isServed } from '../checks/served.ts'
import type { History, OperationEntry } from '../ledger/history.ts'
import type { AlertRule } from './schema.ts'

/** What a rule says at one look. Idle where nobody asked, silent where it cannot say: neither is a proof of health. */
export interface Judgement {
  readonly state: 'bad' | 'good' | 'idle' | 'silent'
  readonly value: number | null
}

export interface Watch {
  readonly rule: AlertRule
  readonly subject: string
  /** Subject of the watch that speaks for this one too while it has fired. */
  readonly within: string | null
  readonly judge: (tick: number) => Judgement
}

/** Above `bad` it is bad, below `good` good, and between them it stays what it was. */
export const thresholds = {
  errors: { bad: 0.05, good: 0.01, operations: 10, failures: 3 },
  slowMs: { bad: 1_000, good: 500, operations: 10 },
  lagMs: { bad: 2_000, good: 1_000 },
  /** How long a shard may be without a zone that takes its writes: a planned move needs no more. */
  noOwnerMs: 3_000,
} as const

/** Each look is over the answers of the last two seconds. */
const windowTicks = 4
const silent: Judgement = { state: 'silent', value: null }
const idle: Judgement = { state: 'idle', value: null }

const judged = (value: number, limit: { readonly bad: number; readonly good: number }): Judgement => ({
  state: value >= limit.bad ? 'bad' : value < limit.good ? 'good' : 'silent',
  value,
})

/** Errors per zone and per shard, latency per zone. */
export function operationWatch(
  history: History,
  zoneOf: (operation: OperationEntry) => string | null,
  ticks: number,
  tickMs: number,
): Watch[] {
  const zones = Map.groupBy(history.op, zoneOf)
  const shards = Map.groupBy(
    history.op.filter((operation) => operation.shard !== null),
    ({ shard }) => shard,
  )
  return [
    ...[...zones].flatMap(([zone, operations]): Watch[] => {
      if (zone === null) return []
      const look = windowed(operations, ticks, tickMs)
      return [
        { rule: 'errors', subject: zone, within: null, judge: (tick) => errorsIn(look(tick)) },
        { rule: 'slow', subject: zone, within: null, judge: (tick) => slownessOf(look(tick)) },
      ]
    }),
    ...[...shards].map(([shard, operations]): Watch => {
      const look = windowed(operations, ticks, tickMs)
      const within = mostOften(operations.map(zoneOf))
      return { rule: 'errors', subject: `shard ${shard}`, within, judge: (tick) => errorsIn(look(tick)) }
    }),
  ]
}

function windowed(operations: readonly OperationEntry[], ticks: number, tickMs: number) {
  const byTick: OperationEntry[][] = Array.from({ length: ticks }, () => [])
  for (const operation of operations)
    byTick[Math.min(ticks - 1, Math.max(0, Math.floor(operation.answeredMs / tickMs)))]?.push(operation)
  return (tick: number) => byTick.slice(Math.max(0, tick - windowTicks + 1), tick + 1).flat()
}

const mostOften = (names: readonly (string | null)[]): string | null => {
  const counts = [...Map.groupBy(names, (name) => name)]
  return (
    counts.reduce<(typeof counts)[number] | null>((a, b) => (a && a[1].length >= b[1].length ? a : b), null)?.[0] ??
    null
  )
}

/** An answer the platform owes and gave is no error of it: what an impossible request gets says nothing of health. */
function errorsIn(operations: readonly OperationEntry[]): Judgement {
  if (operations.length < thresholds.errors.operations) return idle
  const bad = operations.filter((operation) => !isServed(operation)).length
  const judgement = judged(bad / operations.length, thresholds.errors)
  // One of ten is ten percent, and no reason to wake anybody.
  return bad < thresholds.errors.failures && judgement.state === 'bad' ? silent : judgement
}

/** Of what was served: a timeout is an error, not a slow answer. */
function slownessOf(operations: readonly OperationEntry[]): Judgement {
  if (operations.length < thresholds.slowMs.operations) return idle
  const served = operations.filter(isServed)
  if (served.length < thresholds.slowMs.operations) return silent
  const latencies = served.map(({ intendedMs, answeredMs }) => answeredMs - intendedMs).sort((a, b) => a - b)
  return judged(latencies[Math.ceil(latencies.length * 0.99) - 1] ?? 0, thresholds.slowMs)
}

/** Lag per direction, by what is claimed or measured, whichever is worse, at every look as it was known then. */
export function lagWatch(history: History, ticks: number, tickMs: number): Watch[] {
  const directions = Map.groupBy(history.lag, ({ source, target }) => `${source}>${target}`)
  return [...directions].map(([subject, entries]) => {
    const values = lagAtTicks(entries, ticks, tickMs)
    const judge = (tick: number) => {
      const value = values[tick] ?? null
      return value === null ? silent : judged(value, thresholds.lagMs)
    }
    return { rule: 'lag', subject, within: null, judge }
  })
}

/**
 * An entry is written when its marker has arrived, or is waited for no longer; while it was on its way, whoever looked saw
 * it grow older. Between two markers the last one counts.
 */
function lagAtTicks(entries: History['lag'], ticks: number, tickMs: number): readonly (number | null)[] {
  const values: (number | null)[] = Array.from({ length: ticks }, () => null)
  const gaps = entries.map(({ atMs }, index) => atMs - (entries[index - 1]?.atMs ?? 0)).sort((a, b) => a - b)
  const pauseMs = gaps[gaps.length >> 1] ?? 0
  const tickOf = (atMs: number) => Math.min(ticks - 1, Math.max(0, Math.floor(atMs / tickMs)))
  let arrivedMs = 0
  for (const [index, { atMs, claimedMs, measuredMs }] of entries.entries()) {
    const waitedMs = measuredMs ?? Math.max(0, atMs - arrivedMs - pauseMs)
    if (measuredMs !== null) arrivedMs = atMs
    const sentMs = atMs - waitedMs
    for (let tick = tickOf(sentMs); tick < tickOf(atMs); tick++)
      values[tick] = Math.max(values[tick] ?? 0, (tick + 1) * tickMs - sentMs)
    const known = Math.max(claimedMs ?? 0, waitedMs)
    for (let tick = tickOf(atMs); tick <= tickOf(entries[index + 1]?.atMs ?? atMs); tick++) values[tick] = known
  }
  return values
}

/** A shard whose table entry is not ACTIVE for longer than a planned move takes. */
export function ownerWatch(history: History, ticks: number, tickMs: number): Watch[] {
  const shards = Map.groupBy(history.owner, ({ shard }) => shard)
  return [...shards].map(([shard, unsorted]) => {
    const changes = unsorted.toSorted((a, b) => a.atMs - b.atMs)
    return {
      rule: 'no-owner',
      subject: `shard ${shard}`,
      within: null,
      judge: (tick) => judgeOwner(changes, Math.min(tick + 1, ticks) * tickMs),
    }
  })
}

function judgeOwner(changes: readonly { readonly atMs: number; readonly state: string }[], nowMs: number): Judgement {
  let since: number | null = null
  for (const { atMs, state } of changes) {
    if (atMs > nowMs) break
    since = state === 'ACTIVE' ? null : (since ?? atMs)
  }
  if (since === null) return { state: 'good', value: 0 }
  const forMs = nowMs - since
  return forMs > thresholds.noOwnerMs ? { state: 'bad', value: forMs } : silent
}

/** Two zones took writes of one shard in the same second: whatever the table said, it had two owners. */
export function twoOwnersWatch(history: History, ticks: number, tickMs: number): Watch[] {
  const writes = history.op.filter(
    ({ kind, outcome, shard, zone }) => kind !== 'read' && outcome === 'ok' && shard !== null && zone !== null,
  )
  return [...Map.groupBy(writes, ({ shard }) => shard)]
    .filter(([, operations]) => new Set(operations.map(({ zone }) => zone)).size > 1)
    .map(([shard, operations]) => {
      const stale = staleWrites(operations)
      const perTick: number[] = Array.from({ length: ticks }, () => 0)
      for (const { answeredMs } of stale) {
        const tick = Math.min(ticks - 1, Math.max(0, Math.floor(answeredMs / tickMs)))
        // Two looks each: a single such write is an alert.
        for (const at of [tick, tick + 1]) if (at < ticks) perTick[at] = (perTick[at] ?? 0) + 1
      }
      return {
        rule: 'two-owners',
        subject: `shard ${shard}`,
        within: null,
        judge: (tick) => {
          const value = perTick[tick] ?? 0
          return { state: value > 0 ? 'bad' : 'good', value }
        },
      }
    })
}

/** Writes begun after another zone had already answered one under a newer epoch. */
function staleWrites(writes: readonly OperationEntry[]): readonly OperationEntry[] {
  const firstAnswered = new Map<string, { zone: string; epoch: number; atMs: number }>()
  for (const { zone, epoch, answeredMs } of writes) {
    if (zone === null || epoch === null) continue
    const key = `${zone} ${epoch}`
    const known = firstAnswered.get(key)
    if (known === undefined || answeredMs < known.atMs) firstAnswered.set(key, { zone, epoch, atMs: answeredMs })
  }
  const owners = [...firstAnswered.values()]
  return writes.filter(({ zone, epoch, sentMs }) =>
    owners.some((owner) => owner.zone !== zone && owner.epoch > (epoch ?? Infinity) && owner.atMs < sentMs),
  )
}

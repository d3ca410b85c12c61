import type { EntryOf, History } from '../ledger/history.ts'
import type { FaultSpan, ShardOwnership, SwitchSteps } from './schema.ts'

/** When the run was over: its last line, or the latest time anything says where it was broken off. */
export function durationOf(history: History): number {
  const end = history.end.at(-1)
  if (end !== undefined) return end.atMs
  const latest = (times: readonly number[]) => times.reduce((a, b) => Math.max(a, b), 0)
  return latest([
    latest(history.op.map(({ answeredMs }) => answeredMs)),
    ...[history.fault, history.step, history.owner, history.lag].map((entries) =>
      latest(entries.map(({ atMs }: { atMs: number }) => atMs)),
    ),
  ])
}

/** Each fault from being asked for to its proven end. */
export function faultsOf(history: History): FaultSpan[] {
  return [...Map.groupBy(history.fault, ({ id }) => id).values()].map((phases) => {
    const phase = (name: EntryOf<'fault'>['phase']) => phases.findLast((entry) => entry.phase === name)
    const [asked, inForce, ended] = [phase('asked'), phase('in-force'), phase('ended')]
    return {
      id: phases[0]?.id ?? '',
      kind: phases[0]?.kind ?? '',
      target: phases[0]?.target ?? '',
      askedMs: asked?.atMs ?? null,
      inForceMs: inForce?.atMs ?? null,
      endedMs: ended?.atMs ?? null,
      effectProven: inForce?.proven ?? null,
      removalProven: ended?.proven ?? null,
    }
  })
}

export function switchesOf(history: History): SwitchSteps[] {
  return [...Map.groupBy(history.step, (step) => step.switch)].map(([id, steps]) => ({
    id,
    shards: [...new Set(steps.flatMap(({ shards }) => shards))].sort((a, b) => a - b),
    steps: steps
      .map(({ name, atMs, shards, text }) => ({ name, atMs, shards: [...shards], text }))
      .toSorted((a, b) => a.atMs - b.atMs),
  }))
}

/** Every shard's owners from the first moment to the last, without gaps: the table always says something. */
export function ownershipOf(history: History, durationMs: number): ShardOwnership[] {
  const changes = Map.groupBy(history.owner, ({ shard }) => shard)
  return (history.begin[0]?.shards ?? []).map(({ shard, zone, name }) => {
    const own = (changes.get(shard) ?? []).toSorted((a, b) => a.atMs - b.atMs)
    const begun = { atMs: 0, zone, state: 'ACTIVE', epoch: null }
    // What the table said at the begin may stand there as an entry of its own.
    const points = (own[0]?.atMs ?? 1) <= 0 ? own : [begun, ...own]
    const spans = points.map((point, index) => ({
      fromMs: Math.max(0, point.atMs),
      toMs: points[index + 1]?.atMs ?? Math.max(durationMs, point.atMs),
      zone: point.zone,
      state: point.state,
      epoch: point.epoch,
    }))
    return { shard, name, spans: merged(spans) }
  })
}

type Span = ShardOwnership['spans'][number]

/** The same said twice is one span; what lasted no time is none. */
function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = []
  for (const span of spans) {
    const last = result.at(-1)
    const sameEpoch = last?.epoch === span.epoch || last?.epoch === null
    const same = last?.zone === span.zone && last.state === span.state && sameEpoch
    if (last !== undefined && same) result[result.length - 1] = { ...last, toMs: span.toMs, epoch: span.epoch }
    else if (span.toMs > span.fromMs) result.push(span)
  }
  return result
}

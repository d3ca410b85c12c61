import {
  type RoutingTable,
  type ShardMove,
  type Suspect,
  type Suspects,
  type SwitchPart,
  switchMoveId,
  type ZoneSwitch,
} from '@ezone/sdk'

/** What a controller knows when it decides: the truth and the time, nothing else. */
export interface SwitchView {
  readonly record: ZoneSwitch
  readonly table: RoutingTable
  /** The last move of each shard. */
  readonly moves: ReadonlyMap<number, ShardMove>
  /** What the zone that took a shard found acknowledged and not arrived, by shard. */
  readonly suspects: ReadonlyMap<number, Suspects>
  readonly nowMs: number
  /** How many shards are on their way at once. */
  readonly width: number
  /** How long after its move a shard's suspects are waited for. */
  readonly suspectsMs: number
}

export type SwitchDecision =
  /** Moves to be begun; what was begun already is begun no second time. */
  | { readonly kind: 'begin'; readonly parts: readonly SwitchPart[] }
  /** The record as it is now: something of it has ended. */
  | { readonly kind: 'note'; readonly record: ZoneSwitch }
  | { readonly kind: 'wait'; readonly untilMs: number }

/** A shard whose move was rolled back is begun once more: what was in its way may have been of a moment. */
export const attemptsMax = 2
/** So many are named in the record of the switch; their number is always whole. */
export const suspectsNamed = 4_000

const arrived = new Set<SwitchPart['outcome']>(['moved', 'there', 'unconfirmed'])
const hasFailed = ({ outcome }: SwitchPart) => outcome === 'rolled-back' || outcome === 'refused'
export const hasArrived = ({ outcome }: SwitchPart) => arrived.has(outcome)

/**
 * What a switch needs next. Looks at the truth alone, so that any controller decides the same after any crash; whatever
 * it decides ends, as moves end by themselves and a part is begun at most twice.
 */
export function nextOfSwitch(view: SwitchView): SwitchDecision {
  const { record, nowMs } = view
  const parts = record.parts.map((part) => seen(view, part))
  if (parts.some((part, i) => part !== record.parts[i])) return { kind: 'note', record: { ...record, parts } }

  const open = parts.filter(({ outcome }) => outcome === null)
  const running = open.filter((part) => isBegun(view, part))
  const waiting = open.filter((part) => !isBegun(view, part))
  const goesOn = !parts.some(hasFailed) && nowMs < record.expiresAtMs
  if (waiting.length > 0 && goesOn) {
    // A batch begins when the one before it has ended: shards that wait for one another would be frozen for longer.
    const batch = running.length > 0 ? [] : waiting.slice(0, isCanary(record) ? 1 : view.width)
    if (batch.length > 0) return { kind: 'begin', parts: batch }
  }
  // A move ends by itself, and that is seen; looking again costs nothing.
  if (running.length > 0) return { kind: 'wait', untilMs: nowMs + 1_000 }
  const untilMs = suspectsUntil(view, parts)
  if (nowMs < untilMs) return { kind: 'wait', untilMs }
  return { kind: 'note', record: ended(view, parts) }
}

/** The first shard has not arrived yet, and the others wait for it. */
const isCanary = ({ canary, parts }: ZoneSwitch) => canary && parts[0]?.outcome === null

const isBegun = ({ record, moves }: SwitchView, part: SwitchPart) =>
  moves.get(part.shard)?.id === switchMoveId(record.id, part)

/** The same part where nothing of it is new. */
function seen(view: SwitchView, part: SwitchPart): SwitchPart {
  const { record, table, moves } = view
  if (part.outcome !== null) return withSuspects(view, part)
  const entry = table.shards.find(({ shard }) => shard === part.shard)
  const move = moves.get(part.shard)
  if (move?.id !== switchMoveId(record.id, part)) {
    // Somebody else has moved it meanwhile, or it was there from the beginning.
    const there = entry?.zone === record.to && entry.state === 'ACTIVE' && move?.outcome !== null
    return there ? { ...part, outcome: 'there', epoch: entry.epoch } : part
  }
  if (move.outcome === null) return part
  if (move.outcome === 'rolled-back' && part.attempt < attemptsMax)
    return { ...part, attempt: part.attempt + 1, reason: move.reason }
  const epoch = move.outcome === 'rolled-back' ? null : (entry?.epoch ?? null)
  return { ...part, outcome: move.outcome, reason: move.reason, epoch, steps: move.steps }
}

const isTaken = ({ mode }: ZoneSwitch, { outcome }: SwitchPart) =>
  mode === 'hard' && (outcome === 'moved' || outcome === 'unconfirmed')

const suspectsOf = ({ suspects }: SwitchView, { shard, epoch }: SwitchPart) => {
  const found = suspects.get(shard)
  return found !== undefined && found.epoch === epoch ? found : undefined
}

function withSuspects(view: SwitchView, part: SwitchPart): SwitchPart {
  if (part.suspects !== null || !isTaken(view.record, part)) return part
  const found = suspectsOf(view, part)
  return found === undefined ? part : { ...part, suspects: found.count }
}

/** Until when suspects are waited for; in the past where none are missing. */
function suspectsUntil({ record, suspectsMs }: SwitchView, parts: readonly SwitchPart[]): number {
  const missing = parts.filter((part) => isTaken(record, part) && part.suspects === null)
  return Math.max(0, ...missing.map(({ steps }) => (steps.at(-1)?.atMs ?? 0) + suspectsMs))
}

function ended(view: SwitchView, open: readonly SwitchPart[]): ZoneSwitch {
  const { record, nowMs } = view
  const failed = open.find(hasFailed)
  const why = failed === undefined ? 'its time was over' : `shard ${failed.shard}: ${failed.reason}`
  const parts = open.map((part) =>
    part.outcome === null ? { ...part, outcome: 'stayed' as const, reason: part.reason ?? 'not begun' } : part,
  )
  const whole = parts.every(hasArrived)
  const taken = parts.filter((part) => isTaken(record, part))
  const found = taken.map((part) => suspectsOf(view, part))
  return {
    ...record,
    parts,
    outcome: whole ? 'switched' : 'stopped',
    endedAtMs: nowMs,
    reason: whole ? null : why,
    suspects: found.flatMap((one): readonly Suspect[] => one?.orders ?? []).slice(0, suspectsNamed),
    suspectsComplete: taken.length === 0 ? null : found.every((one) => one?.complete === true),
  }
}

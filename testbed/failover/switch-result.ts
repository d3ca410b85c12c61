import type { Suspect, SwitchMode, SwitchPart, ZoneSwitch } from '@ezone/sdk/model'

/** A step of one shard, or of the switch itself, as the controller recorded it. */
export interface SwitchStep {
  /** `begin`; then of each shard `freeze`, `drain`, `commit`, `moved`, or `seize`, `serve`, `moved`; at last `end`. */
  readonly name: string
  /** Milliseconds since 1970, by the clock of the controller. */
  readonly atMs: number
  readonly shards: readonly number[]
  readonly text: string
}

export interface SwitchedShard {
  readonly shard: number
  readonly outcome: SwitchPart['outcome']
  readonly epoch: number | null
  /** From the freeze, or the taking, to the moment the other zone owned it; null where it stays. */
  readonly gapMs: number | null
  readonly reason: string | null
}

/** `data` of `failover` and `failback`: a contract, fields are only ever added. */
export interface SwitchResult {
  /** null where nothing was left to be moved. */
  readonly id: string | null
  readonly joined: boolean
  readonly from: string
  readonly to: string
  readonly mode: SwitchMode
  readonly outcome: ZoneSwitch['outcome']
  readonly reason: string | null
  /** Those that were to be moved. */
  readonly shards: readonly number[]
  readonly perShard: readonly SwitchedShard[]
  readonly steps: readonly SwitchStep[]
  /** The longest `gapMs`: so long a shard had no owner that could write it, as the platform recorded it. */
  readonly writeGapMs: number
  /** From the beginning until the last shard was served, as the platform recorded it; clients may see more. */
  readonly rtoMs: number
  /** Orders of which something was acknowledged at the edge and had not arrived; empty for a planned switch. */
  readonly rpoOrders: readonly string[]
  readonly suspects: readonly Suspect[]
  /** False where there may be more suspects than are named; null for a planned switch, which has none. */
  readonly suspectsComplete: boolean | null
}

export const nothingToMove = ({ from, to, mode }: Pick<ZoneSwitch, 'from' | 'to' | 'mode'>): SwitchResult => ({
  id: null,
  joined: false,
  from,
  to,
  mode,
  outcome: 'switched',
  reason: null,
  shards: [],
  perShard: [],
  steps: [],
  writeGapMs: 0,
  rtoMs: 0,
  rpoOrders: [],
  suspects: [],
  suspectsComplete: null,
})

export function resultOf(record: ZoneSwitch, joined: boolean): SwitchResult {
  const { id, from, to, mode, outcome, reason, parts, suspects, suspectsComplete } = record
  const perShard = parts.map((part) => ({
    shard: part.shard,
    outcome: part.outcome,
    epoch: part.epoch,
    gapMs: gapOf(part),
    reason: part.reason,
  }))
  const served = parts.flatMap(({ steps }) => steps.findLast(({ step }) => step === 'moved')?.atMs ?? [])
  return {
    id,
    joined,
    from,
    to,
    mode,
    outcome,
    reason,
    shards: parts.map(({ shard }) => shard),
    perShard,
    steps: stepsOf(record),
    writeGapMs: Math.max(0, ...perShard.map(({ gapMs }) => gapMs ?? 0)),
    rtoMs: Math.max(0, ...served.map((atMs) => atMs - record.startedAtMs)),
    rpoOrders: [...new Set(suspects.map(({ orderId }) => orderId))],
    suspects,
    suspectsComplete,
  }
}

function gapOf({ steps }: SwitchPart): number | null {
  const stopped = steps.findLast(({ step }) => step === 'freeze' || step === 'seize')
  const owned = steps.findLast(({ step }) => step === 'commit' || step === 'serve')
  return stopped === undefined || owned === undefined ? null : owned.atMs - stopped.atMs
}

/** In the order of their times; those of one name that follow one another are one step of several shards. */
export function stepsOf(record: ZoneSwitch): readonly SwitchStep[] {
  const { id, from, to, mode, parts, startedAtMs, endedAtMs, outcome, reason } = record
  const shards = parts.map(({ shard }) => shard)
  const begin = { name: 'begin', atMs: startedAtMs, shards, text: `${id}: ${from} -> ${to}, ${mode}` }
  const single = parts.flatMap(({ shard, steps }) =>
    steps.map(({ step, atMs }) => ({ name: step, atMs, shards: [shard], text: textOf(step, record) })),
  )
  const merged: SwitchStep[] = []
  for (const step of single.toSorted((a, b) => a.atMs - b.atMs)) {
    const last = merged.at(-1)
    if (last?.name !== step.name) merged.push(step)
    else merged[merged.length - 1] = { ...last, shards: [...last.shards, ...step.shards] }
  }
  const end = endedAtMs === null ? [] : [{ name: 'end', atMs: endedAtMs, shards, text: reason ?? outcome ?? '' }]
  return [begin, ...merged, ...end]
}

const textOf = (step: string, { from, to }: ZoneSwitch): string =>
  ({
    freeze: `no write in ${from} any more`,
    drain: `${to} applies what ${from} wrote`,
    commit: `${to} owns`,
    seize: `taken from ${from}`,
    serve: `${to} owns`,
    moved: `${to} serves`,
    'roll-back': `${from} keeps`,
    unconfirmed: `${to} owns, and has not confirmed it`,
  })[step] ?? step

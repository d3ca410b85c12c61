import { EzoneError } from './errors.ts'
import type { Barrier, MoveMode, RoutingTable, ShardEntry, ShardState } from './table.ts'

interface LegalMove {
  readonly step: string
  readonly from: ShardState
  readonly to: ShardState
  /** Which zone owns the shard afterwards. */
  readonly zone: 'same' | 'target'
  /** A new epoch where another one may write afterwards, or nobody: whoever acts under the old one is stale. */
  readonly epoch: 'same' | 'new'
}

/**
 * Every legal move of a shard. What is not in this table does not happen.
 *
 *   planned   ACTIVE --freeze--> FROZEN --drain--> DRAINING --commit--> ACTIVE'
 *   takeover  ACTIVE --seize--> TAKEOVER --serve--> ACTIVE'
 *   rollback  FROZEN, DRAINING, TAKEOVER --roll-back--> ACTIVE
 */
export const legalMoves = [
  { step: 'freeze', from: 'ACTIVE', to: 'FROZEN', zone: 'same', epoch: 'new' },
  { step: 'drain', from: 'FROZEN', to: 'DRAINING', zone: 'same', epoch: 'same' },
  { step: 'commit', from: 'DRAINING', to: 'ACTIVE', zone: 'target', epoch: 'new' },
  { step: 'seize', from: 'ACTIVE', to: 'TAKEOVER', zone: 'same', epoch: 'new' },
  { step: 'serve', from: 'TAKEOVER', to: 'ACTIVE', zone: 'target', epoch: 'new' },
  { step: 'roll-back', from: 'FROZEN', to: 'ACTIVE', zone: 'same', epoch: 'new' },
  { step: 'roll-back', from: 'DRAINING', to: 'ACTIVE', zone: 'same', epoch: 'new' },
  { step: 'roll-back', from: 'TAKEOVER', to: 'ACTIVE', zone: 'same', epoch: 'new' },
] as const satisfies readonly LegalMove[]

export type MoveStep = (typeof legalMoves)[number]['step']

const plans: Readonly<Record<MoveMode, readonly [first: MoveStep, ...rest: MoveStep[]]>> = {
  planned: ['freeze', 'drain', 'commit'],
  takeover: ['seize', 'serve'],
}

/** The steps of a move when nothing goes wrong, in order. */
export const planMove = (mode: MoveMode): readonly [first: MoveStep, ...rest: MoveStep[]] => plans[mode]

/** What a step needs to know: the move that the first step begins; the barrier that `drain` waits for. */
export interface StepDetails {
  readonly move?: { readonly id: string; readonly to: string; readonly expiresAtMs: number }
  readonly barrier?: Barrier
}

/**
 * The table after a step of one shard: version one up, all other shards as they were.
 * @throws EZ_ILLEGAL_STATE where the step is not legal for the state the shard is in
 */
export function applyStep(table: RoutingTable, shard: number, step: MoveStep, details: StepDetails = {}): RoutingTable {
  const entry = table.shards.find((s) => s.shard === shard)
  if (entry === undefined) throw new EzoneError('EZ_UNKNOWN_SHARD', `the routing table has no shard ${shard}`)
  const legal = legalMoves.find((move) => move.step === step && move.from === entry.state)
  if (legal === undefined)
    throw new EzoneError('EZ_ILLEGAL_STATE', `shard ${shard} is ${entry.state}: ${step} does not follow`)
  const version = table.version + 1
  const next = stepped(entry, legal, version, details)
  return { ...table, version, shards: table.shards.map((s) => (s === entry ? next : s)) }
}

function stepped(entry: ShardEntry, legal: LegalMove, version: number, { move, barrier }: StepDetails): ShardEntry {
  const { move: running, takenEpoch, ...plain } = entry
  // What a takeover left in doubt is settled before a planned move begins, so when it commits nothing of it is left.
  const rest = takenEpoch === undefined || legal.step === 'commit' ? plain : { ...plain, takenEpoch }
  const epoch = legal.epoch === 'new' ? version : entry.epoch
  if (legal.from === 'ACTIVE') {
    if (move === undefined) throw new TypeError(`${legal.step} begins a move and needs one`)
    const mode = legal.step === 'seize' ? 'takeover' : 'planned'
    return { ...rest, state: legal.to, epoch, move: { ...move, mode } }
  }
  if (running === undefined) throw new TypeError(`shard ${entry.shard} is ${entry.state} without a move`)
  if (legal.to !== 'ACTIVE')
    return { ...rest, state: legal.to, epoch, move: { ...running, ...(barrier && { barrier }) } }
  const taken = legal.step === 'serve' ? { takenEpoch: epoch } : {}
  return { ...rest, ...taken, state: 'ACTIVE', zone: legal.zone === 'target' ? running.to : entry.zone, epoch }
}

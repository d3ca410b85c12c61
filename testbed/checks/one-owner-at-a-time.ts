import type { History, OperationEntry } from '../ledger/history.ts'
import { type Contradiction, define, type Looked } from './define.ts'
import { type FaultSpan, faultSpans } from './faults.ts'
import { ordersInDoubt } from './final-rows.ts'
import { compareVersions, firstSent, isOrderWrite, mayBecome, orderOf, pushTo, stateOf } from './operations.ts'
import { type OwnerEntry, type Ownership, ownership } from './ownership.ts'
import { at, whoSaid } from './words.ts'

interface Write {
  readonly op: OperationEntry
  readonly shard: number
  readonly zone: string
  readonly epoch: number
  readonly sentMs: number
}

/**
 * Every acknowledged write was made by the zone that the table names, under the epoch it names it with. Under the policy
 * `available` a zone that is cut off may go on after its shards were taken over; then every order that both zones wrote
 * must be locked, or have its loser on record.
 */
export const oneOwnerAtATime = define({
  name: 'one-owner-at-a-time',
  statement: 'Every acknowledged write was made by the zone that owned its shard then: wrong-zone writes are 0',
  missing: ({ owner }) => (owner.length === 0 ? 'what the table said of the shards is not in the history' : null),
  look(history, { ackMs }): Looked {
    const owners = ownership(history)
    const since = firstSent(history)
    const available = history.begin[0]?.policy === 'available'
    const [found, late]: [Contradiction[], Write[]] = [[], []]
    let checked = 0
    for (const op of history.op) {
      const { shard, zone, epoch } = op
      if (op.outcome !== 'ok' || !isOrderWrite(op) || shard === null || zone === null || epoch === null) continue
      checked++
      const write = { op, shard, zone, epoch, sentMs: since(op) }
      const wrong = wrongOwner(write, owners.of(shard), ackMs)
      if (wrong === null) continue
      if (available && wrong.superseded) late.push(write)
      else found.push(contradiction(write, wrong.text))
    }
    return { checked, found: [...found, ...twoOwners(history, late, owners, ackMs)] }
  },
})

interface Wrong {
  readonly text: string
  /** The zone did own the shard under that epoch, before. */
  readonly superseded: boolean
}

function wrongOwner({ zone, epoch, sentMs }: Write, entries: readonly OwnerEntry[], ackMs: number): Wrong | null {
  const index = entries.findIndex((e) => e.zone === zone && e.epoch === epoch && e.state === 'ACTIVE')
  const own = entries[index]
  if (own === undefined) {
    const other = entries.find((e) => e.epoch === epoch)
    const text =
      other === undefined
        ? `the table never gave epoch ${epoch} of it to anybody`
        : `under epoch ${epoch} it was ${other.state} in ${other.zone}, as the table said ${at(other.atMs)}`
    return { text, superseded: false }
  }
  for (const next of entries.slice(index + 1)) {
    const untilMs = lastMoment(own, next, ackMs)
    if (sentMs > untilMs)
      return {
        text: `${at(next.atMs)} the table had said ${next.state} in ${next.zone}, epoch ${next.epoch}`,
        superseded: true,
      }
  }
  return null
}

/**
 * The last moment at which a write under the own epoch may be sent, going by a later word of the table. A freeze and a
 * takeover become true in the database a little later than in the table; that it is drained is said when it is true.
 */
function lastMoment(own: OwnerEntry, next: OwnerEntry, ackMs: number): number {
  if (next.state === 'DRAINING') return next.atMs
  if (next.state !== 'ACTIVE') return Number.POSITIVE_INFINITY
  return next.zone === own.zone ? next.atMs + ackMs : next.atMs
}

/** Writes of a zone that had lost its shard: forgiven while it was cut off, where no doubt was kept from anybody. */
function twoOwners(
  history: History,
  late: readonly Write[],
  owners: Ownership,
  ackMs: number,
): readonly Contradiction[] {
  if (late.length === 0) return []
  const [faults, doubted] = [faultSpans(history), ordersInDoubt(history)]
  const writers = new Map<string, OperationEntry[]>()
  for (const op of history.op) if (op.outcome === 'ok' && isOrderWrite(op)) pushTo(writers, orderOf(op) ?? '', op)
  return late.flatMap((write) => {
    if (owners.takenAtMs(write.shard) === null)
      return [contradiction(write, 'its shard was moved as planned, so nobody else may write')]
    const cuts = faults.filter((fault) => cutsOff(fault, write, ackMs))
    if (cuts.length === 0) return [contradiction(write, 'no fault was in force then that cuts a zone off')]
    const orderId = orderOf(write.op) ?? ''
    // After the cut the new owner goes on with what came to it, and nobody has to be in doubt.
    const meanwhile = (op: OperationEntry) => cuts.some(({ untilMs }) => op.sentMs < untilMs)
    const isOther = (op: OperationEntry) =>
      op.zone !== write.zone && (op.epoch ?? 0) > write.epoch && meanwhile(op) && isTwin(op, write.op)
    const other = writers.get(orderId)?.find(isOther)
    if (other === undefined || doubted.has(orderId)) return []
    const both = `${whoSaid(other)} wrote it too ${at(other.answeredMs)}, and it is neither locked nor among the conflicts`
    return [contradiction(write, both)]
  })
}

/**
 * Written by one who did not know of the other. A cut is over a while before that is proven, so it is not time alone that
 * tells: who goes on with what came to him gives it a greater version and a later state.
 */
function isTwin(other: OperationEntry, op: OperationEntry): boolean {
  if (op.kind === 'place') return false
  const [before, after] = [stateOf(op), stateOf(other)]
  const isLater = compareVersions(other.version ?? '', op.version ?? '') > 0
  return !(isLater && before !== null && after !== null && before !== after && mayBecome(before, after))
}

const cutsOff = ({ fromMs, untilMs }: FaultSpan, { op }: Write, ackMs: number) =>
  fromMs <= op.answeredMs && op.sentMs <= untilMs + ackMs

function contradiction(write: Write, why: string): Contradiction {
  const { op, sentMs } = write
  const orderId = orderOf(op) ?? '?'
  const what = op.kind === 'place' ? 'placed' : `made ${op.wanted}`
  const story = () =>
    `order ${orderId} was ${what} by ${whoSaid(op)}, sent ${at(sentMs)}, acknowledged ${at(op.answeredMs)}; ${why}`
  return { ids: [orderId], size: 1, story }
}

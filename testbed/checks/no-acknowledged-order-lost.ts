import type { History, OperationEntry } from '../ledger/history.ts'
import type { Allowed } from './claim.ts'
import { type Contradiction, define, type Looked } from './define.ts'
import { faultSpans } from './faults.ts'
import { type FinalRows, finalRows, ordersInDoubt, unreadZones } from './final-rows.ts'
import { compareVersions, isOrderWrite, mayBecome, orderOf, stateOf } from './operations.ts'
import { type Ownership, ownership } from './ownership.ts'
import { whyBrokenOff } from './soundness.ts'
import { at, whoSaid } from './words.ts'

/**
 * Everything a client was promised is there at the end: the order, and every state it was told. A new owner has it from
 * the first moment on. Of a zone that a shard
 * was taken from and that never came back, the promises of the declared window may be missing; once its rows can be read
 * again nothing may.
 */
export const noAcknowledgedOrderLost = define({
  name: 'no-acknowledged-order-lost',
  statement:
    'Every acknowledged order, and every acknowledged state of it, is there: at the end, and with a new owner at once',
  missing: (history) => whyNoRows(history),
  look(history, allowed): Looked {
    const promises = new Promises(history, allowed)
    const found: Contradiction[] = []
    let checked = 0
    for (const op of history.op) {
      if (op.outcome !== 'ok' || !isOrderWrite(op)) continue
      checked++
      const contradiction = promises.broken(op)
      if (contradiction !== null) found.push(contradiction)
    }
    return { checked, found: [...found, ...leftBehind(history, promises)], missing: promises.unread() }
  },
})

/** What a new owner did not have when the table named it. */
function leftBehind(history: History, promises: Promises): readonly Contradiction[] {
  if (history.missing.length === 0) return []
  const placed = new Map<string, OperationEntry>()
  for (const op of history.op)
    if (op.outcome === 'ok' && op.kind === 'place' && op.orderId !== null && !placed.has(op.orderId))
      placed.set(op.orderId, op)
  return history.missing.flatMap(({ orderIds, zone, atMs }) =>
    orderIds.flatMap((orderId) => {
      const op = placed.get(orderId)
      if (op === undefined || promises.withinWindow(op)) return []
      const story = () =>
        `order ${orderId}: ${promised(op)}; ${at(atMs)} its shard was given to ${zone}, which did not have it`
      return [{ ids: [orderId], size: 2, story }]
    }),
  )
}

const whyNoRows = (history: History): string | null =>
  whyBrokenOff(history) ?? (history.order.length === 0 ? 'no rows of orders were read at the end' : null)

/**
 * Ids of acknowledged orders that are missing at the end, or older than promised, also those that a hard switch may
 * lose: what was lost for good. None where nobody read what is there.
 */
export function lostForGood(history: History): readonly string[] {
  if (whyNoRows(history) !== null) return []
  const promises = new Promises(history, null)
  const lost = history.op.filter((op) => op.outcome === 'ok' && isOrderWrite(op) && promises.broken(op) !== null)
  return [...new Set(lost.map((op) => orderOf(op) ?? '?'))]
}

class Promises {
  readonly #rows: FinalRows
  readonly #doubted: ReadonlySet<string>
  readonly #owners: Ownership
  readonly #unread: ReadonlySet<string>
  readonly #windowMs: number | null
  readonly #faultsAtMs: readonly number[]
  #unjudged = 0

  /** Without a word on what is allowed nothing is forgiven. */
  constructor(history: History, allowed: Allowed | null) {
    this.#rows = finalRows(history)
    this.#doubted = ordersInDoubt(history)
    this.#owners = ownership(history)
    this.#unread = new Set(unreadZones(history, this.#rows))
    this.#windowMs = allowed === null ? null : allowed.lossWindowMs
    this.#faultsAtMs = faultSpans(history).map(({ fromMs }) => fromMs)
  }

  unread(): string | null {
    if (this.#unjudged === 0) return null
    return `no rows were read of ${[...this.#unread].join(', ')}, which may have what is missing elsewhere`
  }

  broken(op: OperationEntry): Contradiction | null {
    const orderId = orderOf(op)
    if (orderId === null)
      return { ids: [], size: 1, story: () => `${at(op.answeredMs)} ${op.client} was told ok, but not which order` }
    const instead = this.#instead(orderId, op)
    if (instead === null || this.#forgiven(op)) return null
    const story = () => `order ${orderId}: ${promised(op)}; ${instead}`
    return { ids: [orderId], size: op.kind === 'place' ? 1 : 2, story }
  }

  /** What is there instead of what was promised. */
  #instead(orderId: string, op: OperationEntry): string | null {
    const row = this.#rows.newest(orderId)
    if (row === undefined) return `at the end no zone has it (read: ${[...this.#rows.zones].join(', ')})`
    const there = `at the end the newest row, in ${row.zone}, is ${row.state} with version ${row.version}`
    if (op.version !== null && compareVersions(row.version, op.version) < 0) return there
    const [promisedState, finalState] = [stateOf(op), stateOf({ ...op, saw: row.state })]
    if (promisedState === null || finalState === null || mayBecome(promisedState, finalState)) return null
    // Two owners at once: the platform has the loser on record and says so.
    return this.#doubted.has(orderId) ? null : `${there}, which ${promisedState} cannot become`
  }

  #forgiven(op: OperationEntry): boolean {
    if (op.zone === null || !this.#unread.has(op.zone) || this.#windowMs === null) return false
    if (this.#owners.takenAtMs(op.shard) !== null) return this.withinWindow(op)
    this.#unjudged++
    return true
  }

  /** A zone may take with it what it acknowledged since shortly before its fault; only where its shard was taken over. */
  withinWindow({ shard, answeredMs }: OperationEntry): boolean {
    const takenAtMs = this.#owners.takenAtMs(shard)
    if (takenAtMs === null || this.#windowMs === null) return false
    const beganAtMs = this.#faultsAtMs.find((faultAtMs) => faultAtMs <= takenAtMs) ?? takenAtMs
    return this.#windowMs > 0 && answeredMs >= beganAtMs - this.#windowMs
  }
}

function promised(op: OperationEntry): string {
  const what = op.kind === 'place' ? 'the order was placed' : `it is ${stateOf(op) ?? 'moved on'}`
  const version = op.version === null ? '' : `, version ${op.version}`
  return `${at(op.answeredMs)} ${whoSaid(op)} told ${op.client} that ${what}${version}`
}

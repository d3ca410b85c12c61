import type { History, OperationEntry } from '../ledger/history.ts'
import { type Contradiction, define } from './define.ts'
import { ordersInDoubt } from './final-rows.ts'
import {
  compareVersions,
  firstSent,
  isState,
  mayBecome,
  orderOf,
  pushTo,
  stateOf,
  zoneOfVersion,
} from './operations.ts'
import { ownership } from './ownership.ts'
import { at, whoSaid } from './words.ts'

/** An order as somebody saw it. */
interface Sight {
  readonly orderId: string
  readonly shard: number | null
  readonly zone: string | null
  readonly state: string
  readonly version: string
  /** It was so at some moment between these two. */
  readonly fromMs: number
  readonly untilMs: number
  readonly isWrite: boolean
  readonly text: () => string
}

export const orderStatesMonotone = define({
  name: 'order-states-monotone',
  statement: 'No order ever went back: its states follow the life of an order, its versions grow',
  missing: ({ op }) => (op.some((one) => orderOf(one) !== null) ? null : 'nobody saw an order'),
  look(history) {
    const owners = ownership(history)
    const doubted = ordersInDoubt(history)
    const byOrder = new Map<string, Sight[]>()
    for (const sight of sightsOf(history)) pushTo(byOrder, sight.orderId, sight)
    const found: Contradiction[] = []
    for (const [orderId, sights] of byOrder) {
      const taken = sights.some(({ shard }) => owners.takenAtMs(shard) !== null)
      // Where two zones may have owned it, each has a story of its own; the platform has said which orders they are.
      if (taken && doubted.has(orderId)) continue
      const contradiction =
        firstOf(
          groups(sights, taken, (s) => String(zoneOfVersion(s.version))),
          illegalLife,
        ) ??
        firstOf(
          groups(sights, taken, (s) => s.zone ?? ''),
          wentBack,
        )
      if (contradiction !== null) found.push(contradiction)
    }
    return { checked: byOrder.size, found }
  },
})

function* sightsOf(history: History): Generator<Sight> {
  const since = firstSent(history)
  for (const op of history.op) {
    const [orderId, state] = [orderOf(op), stateOf(op)]
    if (op.outcome !== 'ok' || orderId === null || state === null || op.version === null) continue
    const { shard, zone, version, answeredMs } = op
    const isWrite = op.kind !== 'read'
    const when = { fromMs: since(op), untilMs: answeredMs }
    yield { orderId, shard, zone, state, version, ...when, isWrite, text: () => seen(op, state) }
  }
  for (const { orderId, shard, zone, state, version } of history.order) {
    const text = () => `at the end ${zone} has it as ${state}, version ${version}`
    // Rows are read when all is over; a zone that is behind then is the concern of another claim.
    yield { orderId, shard, zone, state, version, fromMs: -Infinity, untilMs: Infinity, isWrite: false, text }
  }
}

const seen = (op: OperationEntry, state: string) =>
  `${at(op.answeredMs)} ${whoSaid(op)} showed ${op.client} ${state}, version ${op.version}`

function groups(sights: readonly Sight[], apart: boolean, keyOf: (sight: Sight) => string): readonly Sight[][] {
  return apart ? [...Map.groupBy(sights, keyOf).values()] : [[...sights]]
}

function firstOf<T>(items: readonly T[], find: (item: T) => Contradiction | null): Contradiction | null {
  for (const item of items) {
    const found = find(item)
    if (found !== null) return found
  }
  return null
}

/** By version: the same one always shows the same state, a greater one a state that follows. */
function illegalLife(sights: readonly Sight[]): Contradiction | null {
  const life = sights.toSorted((a, b) => compareVersions(a.version, b.version) || a.fromMs - b.fromMs)
  for (const [index, later] of life.entries()) {
    const earlier = life[index - 1]
    if (earlier === undefined) continue
    const legal =
      earlier.version === later.version
        ? earlier.state === later.state
        : isState(earlier.state) && isState(later.state) && mayBecome(earlier.state, later.state)
    if (!legal) return told(earlier, later, `${earlier.state} cannot become ${later.state}`)
  }
  return null
}

/** By time: what was answered before somebody asked again is known by then. */
function wentBack(sights: readonly Sight[]): Contradiction | null {
  const answered = sights.toSorted((a, b) => a.untilMs - b.untilMs)
  let [index, newest] = [0, undefined as Sight | undefined]
  for (const sight of sights.toSorted((a, b) => a.fromMs - b.fromMs)) {
    for (let next = answered[index]; next !== undefined && next.untilMs < sight.fromMs; next = answered[++index])
      if (newest === undefined || compareVersions(next.version, newest.version) > 0) newest = next
    if (newest === undefined) continue
    const order = compareVersions(sight.version, newest.version)
    if (order < 0) return told(newest, sight, 'the version went back')
    if (order === 0 && sight.isWrite) return told(newest, sight, 'a change made no new version')
  }
  return null
}

const told = (earlier: Sight, later: Sight, why: string): Contradiction => ({
  ids: [earlier.orderId],
  size: 2,
  story: () => `order ${earlier.orderId}: ${earlier.text()}; ${later.text()}: ${why}`,
})

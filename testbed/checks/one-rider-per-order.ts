import type { History } from '../ledger/history.ts'
import { type Contradiction, define } from './define.ts'
import { ordersInDoubt } from './final-rows.ts'
import { orderOf, pushTo, stateOf } from './operations.ts'
import { ownership } from './ownership.ts'
import { at } from './words.ts'

interface Sight {
  readonly orderId: string
  readonly riderId: string
  readonly shard: number | null
  readonly zone: string | null
  readonly carries: boolean
  readonly sentMs: number
  readonly answeredMs: number
}

/** A rider has had the order from when it was first answered so until when it was last asked for. */
interface Trip extends Pick<Sight, 'orderId' | 'riderId' | 'shard' | 'zone'> {
  fromMs: number
  untilMs: number
}

export const oneRiderPerOrder = define({
  name: 'one-rider-per-order',
  statement: 'An order has one rider for good, and a rider one order at a time',
  missing: ({ op, order }) =>
    [...op, ...order].some(({ riderId }) => riderId !== null) ? null : 'nobody saw an order with a rider',
  look(history) {
    const owners = ownership(history)
    const doubted = ordersInDoubt(history)
    const sights = [...sightsOf(history)]
    // Taken over while its owner was cut off, an order may have got a second rider; the platform has said so.
    const sure = sights.filter(({ shard, orderId }) => owners.takenAtMs(shard) === null || !doubted.has(orderId))
    const found = [...twoRiders(sure), ...twoOrders(sure, (shard) => owners.takenAtMs(shard) !== null)]
    return { checked: new Set(sights.map(({ orderId }) => orderId)).size, found }
  },
})

function* sightsOf(history: History): Generator<Sight> {
  for (const op of history.op) {
    const { outcome, riderId, shard, zone, sentMs, answeredMs } = op
    const orderId = orderOf(op)
    if (outcome !== 'ok' || orderId === null || riderId === null) continue
    const state = stateOf(op)
    const carries = state === 'assigned' || state === 'pickedUp'
    yield { orderId, riderId, shard, zone, carries, sentMs, answeredMs }
  }
  const end = { carries: false, sentMs: Number.POSITIVE_INFINITY, answeredMs: Number.POSITIVE_INFINITY }
  for (const { orderId, riderId, shard, zone } of history.order)
    if (riderId !== null) yield { orderId, riderId, shard, zone, ...end }
}

function twoRiders(sights: readonly Sight[]): readonly Contradiction[] {
  const first = new Map<string, Sight>()
  const found = new Map<string, Contradiction>()
  for (const sight of sights) {
    const { orderId } = sight
    const known = first.get(orderId)
    if (known === undefined) first.set(orderId, sight)
    else if (known.riderId !== sight.riderId && !found.has(orderId))
      found.set(orderId, {
        ids: [orderId, known.riderId, sight.riderId],
        size: 2,
        story: () => `order ${orderId} had two riders: ${told(known)}; ${told(sight)}`,
      })
  }
  return [...found.values()]
}

const told = ({ riderId, zone, answeredMs }: Sight) => `${at(answeredMs)} ${zone ?? 'the platform'} showed ${riderId}`

/** Zones that may both have owned a shard knew nothing of each other's riders: each is looked at alone. */
function twoOrders(sights: readonly Sight[], apart: (shard: number | null) => boolean): readonly Contradiction[] {
  const trips = new Map<string, Trip>()
  for (const { orderId, riderId, shard, zone, carries, sentMs, answeredMs } of sights) {
    if (!carries) continue
    const key = `${riderId} ${orderId} ${zone}`
    const trip = trips.get(key)
    if (trip === undefined) trips.set(key, { orderId, riderId, shard, zone, fromMs: answeredMs, untilMs: sentMs })
    else {
      trip.fromMs = Math.min(trip.fromMs, answeredMs)
      trip.untilMs = Math.max(trip.untilMs, sentMs)
    }
  }
  const riders = new Map<string, Trip[]>()
  for (const trip of trips.values()) {
    if (trip.fromMs > trip.untilMs) continue
    pushTo(riders, `${trip.riderId} ${apart(trip.shard) ? trip.zone : ''}`, trip)
  }
  return [...riders.values()].flatMap(overlap)
}

function overlap(trips: readonly Trip[]): readonly Contradiction[] {
  let longest: Trip | undefined
  for (const trip of trips.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (longest !== undefined && longest.orderId !== trip.orderId && trip.fromMs < longest.untilMs)
      return [bothAtOnce(longest, trip)]
    if (longest === undefined || trip.untilMs > longest.untilMs) longest = trip
  }
  return []
}

function bothAtOnce(one: Trip, other: Trip): Contradiction {
  const had = (trip: Trip) => `order ${trip.orderId} from ${at(trip.fromMs)} until ${at(trip.untilMs)}`
  const story = () => `rider ${one.riderId} had two orders at once: ${had(one)}; ${had(other)}`
  return { ids: [one.riderId, one.orderId, other.orderId], size: 2, story }
}

import assert from 'node:assert/strict'
import { distanceKm, type Point } from '@ezone/sdk'
import { munkres } from 'munkres'

/** An accepted order that nobody brings yet. */
export interface WaitingOrder {
  readonly orderId: string
  /** Where the food is fetched. */
  readonly at: Point
  /** How long it has been accepted. */
  readonly waitedS: number
}

export interface FreeRider {
  readonly riderId: string
  readonly at: Point
  /** How many orders it has brought: who has done more goes later. */
  readonly trips: number
}

export interface Pair {
  readonly order: WaitingOrder
  readonly rider: FreeRider
}

/**
 * One batch. Matching takes the square of the smaller side times the larger one: 100 x 150 is a few milliseconds, which
 * is what the event loop of a service that also answers requests may be given. The rest comes with the next batch.
 */
export const batchLimits = { ordersMax: 100, ridersMax: 150 } as const
assert(batchLimits.ordersMax <= batchLimits.ridersMax, 'a full batch of orders can be brought')

/** Through a city, lights and stairs included. */
const ridingMinPerKm = 3
/** A trip more on one's account weighs as much as so many minutes of riding. */
const tripMin = 0.25

/**
 * What it costs, in minutes, that this rider brings this order: the way to the shop, what the rider has done already, and
 * how much less than the longest of the batch the order has waited; so where riders are few, the oldest orders go first,
 * unless that means a minute more of riding for each minute of waiting.
 */
export function pairCostMin(order: WaitingOrder, rider: FreeRider, longestWaitS: number): number {
  const ride = distanceKm(order.at, rider.at) * ridingMinPerKm
  return ride + rider.trips * tripMin + (longestWaitS - order.waitedS) / 60
}

/**
 * Who brings what, for one city: as many pairs as there can be, at the least cost together (Kuhn-Munkres). Pure.
 * Orders beyond the batch wait for the next one, the youngest first.
 */
export function planBatch(orders: readonly WaitingOrder[], riders: readonly FreeRider[]): readonly Pair[] {
  const some = orders.toSorted((a, b) => b.waitedS - a.waitedS).slice(0, batchLimits.ordersMax)
  const free = riders.slice(0, batchLimits.ridersMax)
  if (some.length === 0 || free.length === 0) return []
  const longestWaitS = some[0]?.waitedS ?? 0
  const costs = some.map((order) => free.map((rider) => pairCostMin(order, rider, longestWaitS)))
  return munkres(costs).flatMap(([o, r]) => {
    const [order, rider] = [some[o], free[r]]
    return order && rider ? [{ order, rider }] : []
  })
}

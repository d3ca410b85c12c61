import type { Cell, Division } from '@ezone/sdk/model'
import { demand } from '../demand/demand.ts'
import { hourWeights } from '../demand/hours.ts'
import { type Random, seeded, weighted } from '../demand/random.ts'

/** How an order will go, if nothing comes between: most are brought. */
export type Fate = 'brought' | 'neverPaid' | 'cancelledByUser' | 'cancelledByShop'

/** An order before it is placed: everything about it that is chance, in simulated minutes. */
export interface PlannedOrder {
  readonly number: number
  readonly cell: Cell
  readonly amountFen: number
  /** When it is placed, from the beginning. */
  readonly atMin: number
  readonly fate: Fate
  /** Which of the city's shops, 0 for the first. */
  readonly shop: number
  /** Where the customer is, from the shop. */
  readonly customer: { readonly northKm: number; readonly eastKm: number }
  readonly payMin: number
  readonly acceptMin: number
  readonly cookMin: number
}

/** A city that has orders, and what it takes to bring them. */
export interface PlannedCity {
  readonly cell: Cell
  readonly orders: number
  readonly shops: number
  readonly riders: number
}

export interface PlannedDay {
  readonly orders: readonly PlannedOrder[]
  readonly cities: readonly PlannedCity[]
}

/** The hour of the day at which a simulation begins: the lunch peak lies before it. */
const firstHour = 10

/** Minutes since the beginning -> `13:45` of the simulated day. */
export function timeOfDay(elapsedMin: number): string {
  const minute = Math.floor(firstHour * 60 + elapsedMin)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`
}

const fates: readonly (readonly [Fate, number])[] = [
  ['brought', 85],
  ['neverPaid', 6],
  ['cancelledByUser', 5],
  ['cancelledByShop', 4],
]
const fateOf = weighted(fates, ([, weight]) => weight)

const ordersPerShop = 10
const shopsMax = 20
/** What a rider is busy with one order, on average, and how much busier the busiest time is. */
const minutesPerOrder = 35
const peak = 2

/**
 * All of a simulation that is chance, drawn before it begins: the same seed is the same day. Orders come from the cities
 * by their size, and over the hours as hungry people have it, within the window that is simulated.
 *
 * @param windowMin simulated minutes in which orders come
 */
export function planDay(options: {
  readonly divisions: readonly Division[]
  readonly cells: readonly Cell[]
  readonly orders: number
  readonly windowMin: number
  readonly seed: number
}): PlannedDay {
  const random = seeded(options.seed)
  const draw = demand(options.divisions, options.cells)
  const arrival = arrivals(options.windowMin)
  const orders = Array.from({ length: options.orders }, () => arrival(random))
    .sort((a, b) => a - b)
    .map((atMin, number): PlannedOrder => ({ number, atMin, ...chance(random), ...draw(random) }))
  const perCity = Map.groupBy(orders, ({ cell }) => cell)
  const cities = [...perCity].map(([cell, own]) => cityOf(cell, own.length, options.windowMin))
  return { orders, cities: cities.sort((a, b) => a.cell.cell - b.cell.cell) }
}

function chance(random: Random) {
  const between = (min: number, max: number) => min + random() * (max - min)
  const [fate] = fateOf(random)
  return {
    fate,
    shop: Math.floor(random() * shopsMax),
    customer: { northKm: between(-3, 3), eastKm: between(-3, 3) },
    payMin: between(0.2, 2),
    acceptMin: between(0.5, 3),
    cookMin: between(4, 12),
  }
}

function cityOf(cell: Cell, orders: number, windowMin: number): PlannedCity {
  return {
    cell,
    orders,
    shops: Math.min(shopsMax, Math.ceil(orders / ordersPerShop)),
    riders: 1 + Math.ceil((orders * minutesPerOrder * peak) / Math.max(windowMin, minutesPerOrder)),
  }
}

/** Draws a minute of the window by the weight of its hour; a window of hours in which nobody orders is all the same. */
function arrivals(windowMin: number): (random: Random) => number {
  const minutes = Array.from({ length: Math.max(1, Math.ceil(windowMin)) }, (_, minute) => minute)
  const weightOf = (minute: number) => hourWeights[(firstHour + Math.floor(minute / 60)) % 24] ?? 0
  const quiet = minutes.every((minute) => weightOf(minute) === 0)
  const minuteOf = weighted(minutes, quiet ? () => 1 : weightOf)
  return (random) => Math.min(windowMin, minuteOf(random) + random())
}

import type { Cell, Division } from '@ezone/sdk/model'
import { hourOfDay } from './hours.ts'
import { type Random, weighted } from './random.ts'

/** An order as somebody in some city would place it. */
export interface DrawnOrder {
  readonly cell: Cell
  /** Hour of the day, 0..23. */
  readonly hour: number
  readonly amountFen: number
}

const amountFenMin = 1_500
const amountFenMax = 8_000

/**
 * The demand of a country: a division as often as people live there, in it a city as often as people live in that city,
 * and an hour as hungry people have it. Pure: whoever hands in the same chance draws the same orders.
 */
export function demand(divisions: readonly Division[], cells: readonly Cell[]): (random: Random) => DrawnOrder {
  const citiesOf = Map.groupBy(cells, (cell) => cell.division)
  const cityIn = new Map(
    [...citiesOf].map(([division, cities]) => [division, weighted(cities, (cell) => cell.population)]),
  )
  const served = divisions.filter((division) => cityIn.has(division.name))
  const divisionOf = weighted(served, (division) => division.population)

  return (random) => {
    const cell = cityIn.get(divisionOf(random).name)?.(random)
    if (cell === undefined) throw new TypeError('a division without a city was drawn')
    const amountFen = Math.round(amountFenMin + random() * (amountFenMax - amountFenMin))
    return { cell, hour: hourOfDay(random), amountFen }
  }
}

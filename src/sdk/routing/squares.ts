import { dot, unitVector } from '../model/geo.ts'
import type { Cell, Point } from '../model/index.ts'
import type { FenceIndex } from './fences.ts'

/** Some 11 km: a few of them fit into a city, and all of China into half a megabyte. */
const perDegree = 10
const west = 70
const south = 0
const columns = 70 * perDegree
const rows = 60 * perDegree
/** Radians, some six metres: more than rounding makes of an angle. */
const margin = 1e-6

const unknown = 0
const mixed = -1

/**
 * Remembers squares of the ground all of which lies in one and the same cell, so that most positions need no geometry.
 * A square is looked at when it is first asked for: no border of a fence may touch it, and its nearest city must be
 * nearer than any other by more than the square is wide.
 */
export class Squares {
  readonly #fences: FenceIndex
  readonly #citiesOf: (division: string) => readonly Cell[]
  readonly #cells = new Int16Array(columns * rows)

  constructor(fences: FenceIndex, citiesOf: (division: string) => readonly Cell[]) {
    this.#fences = fences
    this.#citiesOf = citiesOf
  }

  /** The cell of a position that lies well inside it; undefined where it takes a closer look. */
  cellOf({ lat, lng }: Point): number | undefined {
    const column = Math.floor((lng - west) * perDegree)
    const row = Math.floor((lat - south) * perDegree)
    if (!(column >= 0 && column < columns && row >= 0 && row < rows)) return undefined
    const at = row * columns + column
    let cell = this.#cells[at] ?? mixed
    if (cell === unknown) {
      cell = this.#look(row, column)
      this.#cells[at] = cell
    }
    return cell === mixed ? undefined : cell
  }

  #look(row: number, column: number): number {
    const lat = south + (row + 0.5) / perDegree
    const lng = west + (column + 0.5) / perDegree
    // A little larger than it is, so that rounding at its edge does no harm.
    const half = 0.5 / perDegree + 1e-6
    const fence = this.#fences.onlyAround([lng - half, lat - half, lng + half, lat + half])
    if (fence === undefined) return mixed
    const center = unitVector({ lat, lng })
    const angles = this.#citiesOf(fence.name)
      .map(({ cell, point }) => ({ cell, angle: Math.acos(Math.min(1, dot(center, unitVector(point)))) }))
      .sort((a, b) => a.angle - b.angle)
    const [first, second] = angles
    // No corner is farther from the centre than on the equator.
    const reach = half * Math.SQRT2 * (Math.PI / 180)
    if (first === undefined) return mixed
    return second === undefined || second.angle - first.angle > 2 * reach + margin ? first.cell : mixed
  }
}

import { dot, type UnitVector, unitVector } from '../model/geo.ts'
import {
  type Cell,
  type DecidingTag,
  EzoneError,
  type IdTag,
  type Point,
  pointText,
  type ShardEntry,
  type TableIndex,
  unpackId,
} from '../model/index.ts'
import type { FenceIndex } from './fences.ts'
import { Squares } from './squares.ts'

/** What decided: an id that carries its cell, a fence, the nearest fence, or nothing at all. */
export type Rule = IdTag | 'geo' | 'geo-nearest-fence' | 'fallback'

export interface Candidate {
  readonly shard: number
  readonly name: string
  readonly zone: string
  /** From the position to the fence, 0 inside; null where an id decided. */
  readonly distanceKm: number | null
}

/** Where a request goes, and why. */
export interface Decision {
  readonly shard: number
  readonly zone: string
  readonly epoch: number
  readonly state: ShardEntry['state']
  readonly cell: number
  readonly rule: Rule
  /** The shards that came into question, the chosen one first. */
  readonly candidates: readonly Candidate[]
}

const candidatesMax = 3

/** Decides by the ground it knows; the table, which changes, is handed in with every question. */
export class Decider {
  readonly #fences: FenceIndex
  readonly #squares: Squares
  readonly #citiesOf: ReadonlyMap<string, readonly { readonly cell: Cell; readonly direction: UnitVector }[]>

  constructor(fences: FenceIndex, cells: readonly Cell[]) {
    this.#fences = fences
    const byDivision = Map.groupBy(cells, ({ division }) => division)
    this.#squares = new Squares(fences, (division) => byDivision.get(division) ?? [])
    this.#citiesOf = Map.groupBy(
      cells.map((cell) => ({ cell, direction: unitVector(cell.point) })),
      ({ cell }) => cell.division,
    )
  }

  /**
   * @param tag undefined: nothing to decide by. The request then goes to the first cell of the lowest shard, the same
   *   on every router: an untagged order is still an order of one shard, under one epoch. Routers count these.
   * @throws EZ_NO_ROUTE
   */
  decide(tag: DecidingTag | undefined, table: TableIndex): Decision {
    if (tag === undefined) return this.#fallback(table)
    if (tag.kind === 'geo') return this.#byPosition(tag.point, table)
    const { cell } = unpackId(tag.id)
    return decision(table.shardOf(cell), cell, tag.kind, [])
  }

  #byPosition(point: Point, table: TableIndex): Decision {
    const known = this.#squares.cellOf(point)
    if (known !== undefined) return decision(table.shardOf(known), known, 'geo', [], 0)
    const around = this.#fences.around(point)
    const hits =
      around.length > 0 ? around.map((fence) => ({ fence, distanceKm: 0 })) : this.#fences.nearest(point, candidatesMax)
    const first = hits[0]
    if (first === undefined)
      throw new EzoneError('EZ_NO_ROUTE', `${pointText(point)} is far outside of every fence`, {
        hint: 'Is it LAT,LNG, in this order? Positions up to 500 km outside go to the nearest fence.',
      })
    const cell = this.#nearestCity(first.fence.name, point)
    const others = hits.slice(1).map(({ fence, distanceKm }) => {
      const { shard, name, zone } = table.shardOf(this.#nearestCity(fence.name, point))
      return { shard, name, zone, distanceKm }
    })
    const rule = around.length > 0 ? 'geo' : 'geo-nearest-fence'
    return decision(table.shardOf(cell), cell, rule, others, first.distanceKm)
  }

  #nearestCity(division: string, point: Point): number {
    const direction = unitVector(point)
    let best: Cell | undefined
    let greatest = Number.NEGATIVE_INFINITY
    for (const city of this.#citiesOf.get(division) ?? []) {
      const nearness = dot(direction, city.direction)
      if (nearness <= greatest) continue
      greatest = nearness
      best = city.cell
    }
    if (best === undefined) throw new EzoneError('EZ_NO_ROUTE', `no city is known in ${division}`)
    return best.cell
  }

  #fallback({ table }: TableIndex): Decision {
    const shard = table.shards.reduce((a, b) => (b.shard < a.shard ? b : a))
    const cells = table.cells.filter(([, owner]) => owner === shard.shard).map(([cell]) => cell)
    if (cells.length === 0) throw new EzoneError('EZ_NO_ROUTE', `shard ${shard.shard} has no cell`)
    return decision(shard, Math.min(...cells), 'fallback', [])
  }
}

function decision(
  entry: ShardEntry,
  cell: number,
  rule: Rule,
  others: readonly Candidate[],
  distanceKm: number | null = null,
): Decision {
  const { shard, name, zone, epoch, state } = entry
  return { shard, zone, epoch, state, cell, rule, candidates: [{ shard, name, zone, distanceKm }, ...others] }
}

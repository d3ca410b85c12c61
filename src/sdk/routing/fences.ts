import Flatbush from 'flatbush'
import inside from 'point-in-polygon-hao'
import { distanceKm, type Point } from '../model/index.ts'
import { distanceToRingKm, type Ring } from './ring-distance.ts'

/** A fence as it stands in `data/fences/shard-fences-lite.geojson`: positions are [lng, lat], rings are closed. */
export interface Fence {
  readonly shard: number
  readonly name: string
  /** Polygons, each an outer ring and its holes. */
  readonly polygons: readonly (readonly Ring[])[]
}

export interface FenceHit {
  readonly fence: Fence
  /** 0 inside; else to the nearest point of its border. */
  readonly distanceKm: number
}

/** How far outside of all fences a position still belongs to the nearest one. Food is not delivered across an ocean. */
export const nearestFenceKmMax = 500

interface Part {
  readonly fence: Fence
  readonly polygon: number[][][]
  readonly box: Box
  /** Square degrees of its bounding box: of two fences over one spot the smaller is the more particular one. */
  readonly area: number
}

/** Which fence a position lies in: bounding boxes first, then the polygon itself. */
export class FenceIndex {
  readonly fences: readonly Fence[]
  readonly #parts: readonly Part[]
  readonly #boxes: Flatbush

  constructor(fences: readonly Fence[]) {
    this.fences = fences
    const boxed = fences.flatMap((fence) =>
      fence.polygons.map((rings) => ({ fence, polygon: rings.map((r) => r.map((p) => [...p])), box: boxOf(rings) })),
    )
    this.#boxes = new Flatbush(boxed.length)
    for (const { box } of boxed) this.#boxes.add(...box)
    this.#boxes.finish()
    this.#parts = boxed.map(({ fence, polygon, box }) => ({
      fence,
      polygon,
      box,
      area: (box[2] - box[0]) * (box[3] - box[1]),
    }))
  }

  /** Every fence around a position, the smallest first. A border belongs to both sides. */
  around({ lat, lng }: Point): readonly Fence[] {
    const hits: Part[] = []
    for (const index of this.#boxes.search(lng, lat, lng, lat)) {
      const part = this.#parts[index]
      if (part !== undefined && inside([lng, lat], part.polygon) !== false) hits.push(part)
    }
    if (hits.length > 1) hits.sort((a, b) => a.area - b.area || a.fence.shard - b.fence.shard)
    return hits.map((part) => part.fence)
  }

  /** The fence that has all of a box inside, where no other has any of it. @param box west, south, east, north */
  onlyAround([west, south, east, north]: Box): Fence | undefined {
    const near = this.#boxes.search(west, south, east, north).flatMap((index) => this.#parts[index] ?? [])
    const crossed = near.some(({ polygon }) => polygon.some((ring) => ring.some((_, i) => i > 0 && meets(ring, i))))
    const around = crossed ? [] : this.around({ lng: (west + east) / 2, lat: (south + north) / 2 })
    return around.length === 1 ? around[0] : undefined

    /** Whether an edge may meet the box: it is never overlooked, though some that pass a corner are taken for it. */
    function meets(ring: readonly number[][], index: number): boolean {
      const [[ax = 0, ay = 0] = [], [bx = 0, by = 0] = []] = [ring[index - 1], ring[index]]
      return (
        Math.max(ax, bx) >= west && Math.min(ax, bx) <= east && Math.max(ay, by) >= south && Math.min(ay, by) <= north
      )
    }
  }

  /** The nearest fences of a position outside all, nearest first, none farther than `nearestFenceKmMax`. */
  nearest(point: Point, count: number): readonly FenceHit[] {
    const inOrder = this.#parts
      .map((part) => ({ part, leastKm: distanceToBoxKm(point, part.box) }))
      .filter(({ leastKm }) => leastKm <= nearestFenceKmMax)
      .sort((a, b) => a.leastKm - b.leastKm)
    const hits = new Map<Fence, number>()
    let enoughKm = nearestFenceKmMax
    for (const { part, leastKm } of inOrder) {
      if (leastKm > enoughKm) break
      const distanceKm = Math.min(...part.polygon.map((ring) => distanceToRingKm(point, ring as unknown as Ring)))
      hits.set(part.fence, Math.min(distanceKm, hits.get(part.fence) ?? Number.POSITIVE_INFINITY))
      if (hits.size >= count) enoughKm = [...hits.values()].sort((a, b) => a - b)[count - 1] ?? enoughKm
    }
    return [...hits]
      .map(([fence, distanceKm]) => ({ fence, distanceKm }))
      .filter((hit) => hit.distanceKm <= nearestFenceKmMax)
      .sort((a, b) => a.distanceKm - b.distanceKm || a.fence.shard - b.fence.shard)
      .slice(0, count)
  }
}

type Box = readonly [west: number, south: number, east: number, north: number]

/** No spot of a box is nearer: by latitude alone, or to the meridian of its nearer side. */
function distanceToBoxKm({ lat, lng }: Point, [west, south, east, north]: Box): number {
  const kmPerDegree = distanceKm({ lat: 0, lng: 0 }, { lat: 1, lng: 0 })
  const byLat = Math.max(south - lat, lat - north, 0) * kmPerDegree
  const apart = Math.max(west - lng, lng - east, 0)
  if (apart >= 90) return byLat
  const side = Math.asin(Math.cos((lat * Math.PI) / 180) * Math.sin((apart * Math.PI) / 180))
  return Math.max(byLat, ((side * 180) / Math.PI) * kmPerDegree)
}

function boxOf(rings: readonly Ring[]): [number, number, number, number] {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [lng, lat] of rings.flat()) {
    box[0] = Math.min(box[0], lng)
    box[1] = Math.min(box[1], lat)
    box[2] = Math.max(box[2], lng)
    box[3] = Math.max(box[3], lat)
  }
  return box
}

interface Feature {
  readonly properties: { readonly shard: number; readonly name: string }
  readonly geometry: { readonly type: string; readonly coordinates: readonly (readonly Ring[])[] }
}

/** Reads a GeoJSON collection of MultiPolygons with `shard` and `name`; closes rings that are left open. */
export function parseFences(geojson: string): readonly Fence[] {
  const { features } = JSON.parse(geojson) as { features: readonly Feature[] }
  return features.map(({ properties, geometry }) => {
    if (geometry.type !== 'MultiPolygon' || !Number.isInteger(properties.shard))
      throw new TypeError(`a fence is a MultiPolygon with a shard number; ${properties.name} is ${geometry.type}`)
    return {
      shard: properties.shard,
      name: properties.name,
      polygons: geometry.coordinates.map((rings) => rings.map(closed)),
    }
  })
}

function closed(ring: Ring): Ring {
  const [first] = ring
  const last = ring.at(-1)
  if (first === undefined || last === undefined) throw new TypeError('a fence has an empty ring')
  return first[0] === last[0] && first[1] === last[1] ? ring : [...ring, first]
}

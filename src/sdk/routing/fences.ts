import Flatbush from 'flatbush'
import inside from 'point-in-polygon-hao'
import type { Point } from '../model/index.ts'
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

  /** The nearest fences of a position outside all, nearest first, none farther than `nearestFenceKmMax`. */
  nearest(point: Point, count: number): readonly FenceHit[] {
    return this.fences
      .map((fence) => ({
        fence,
        distanceKm: Math.min(...fence.polygons.flat().map((r) => distanceToRingKm(point, r))),
      }))
      .filter((hit) => hit.distanceKm <= nearestFenceKmMax)
      .sort((a, b) => a.distanceKm - b.distanceKm || a.fence.shard - b.fence.shard)
      .slice(0, count)
  }
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

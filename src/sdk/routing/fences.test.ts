import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Fence, FenceIndex, parseFences } from './fences.ts'
import { distanceToRingKm, type Ring } from './ring-distance.ts'

const square = (west: number, south: number, size: number): Ring => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
  [west, south],
]
const fence = (shard: number, ...polygons: (readonly Ring[])[]): Fence => ({ shard, name: `f${shard}`, polygons })
const shards = (fences: readonly Fence[]) => fences.map((f) => f.shard)

describe('the fences around a position', () => {
  const big = fence(1, [square(100, 20, 10), square(104, 24, 2)])
  const island = fence(2, [square(120, 20, 1)], [square(123, 20, 1)])
  const enclave = fence(3, [square(101, 21, 1)])
  const index = new FenceIndex([big, island, enclave])

  it('are those whose polygon it lies in, islands included, holes excluded', () => {
    expect(shards(index.around({ lat: 28, lng: 108 }))).toEqual([1])
    expect(shards(index.around({ lat: 20.5, lng: 123.5 }))).toEqual([2])
    expect(shards(index.around({ lat: 25, lng: 105 }))).toEqual([])
    expect(shards(index.around({ lat: 20.5, lng: 122 }))).toEqual([])
  })

  it('begin with the smallest: a city fence inside a province wins', () => {
    expect(shards(index.around({ lat: 21.5, lng: 101.5 }))).toEqual([3, 1])
  })

  it('on a border are both, always in the same order', () => {
    const [left, right] = [fence(7, [square(100, 20, 1)]), fence(5, [square(101, 20, 1)])]
    for (const fences of [
      [left, right],
      [right, left],
    ])
      expect(shards(new FenceIndex(fences).around({ lat: 20.5, lng: 101 }))).toEqual([5, 7])
  })

  it('outside all are none, and the nearest come in order of distance, as far as 500 km', () => {
    const hits = index.nearest({ lat: 20.5, lng: 122.2 }, 3)
    expect(hits.map((h) => [h.fence.shard, Math.round(h.distanceKm)])).toEqual([[2, 83]])
    expect(index.nearest({ lat: 0, lng: 0 }, 3)).toEqual([])
  })

  it('are what a plain scan of every polygon finds, wherever one looks', () => {
    const side = fc.record({
      west: fc.integer({ min: 70, max: 130 }),
      south: fc.integer({ min: 0, max: 50 }),
      size: fc.integer({ min: 1, max: 12 }),
    })
    const at = fc.record({ lat: fc.integer({ min: 0, max: 620 }), lng: fc.integer({ min: 700, max: 1420 }) })
    fc.assert(
      fc.property(fc.array(side, { minLength: 1, maxLength: 12 }), at, (sides, { lat, lng }) => {
        const all = sides.map((s, i) => fence(i + 1, [square(s.west, s.south, s.size)]))
        const [x, y] = [lng / 10, lat / 10]
        const scan = sides.flatMap((s, i) =>
          x >= s.west && x <= s.west + s.size && y >= s.south && y <= s.south + s.size ? [i + 1] : [],
        )
        expect(shards(new FenceIndex(all).around({ lat: y, lng: x })).toSorted((a, b) => a - b)).toEqual(scan)
      }),
    )
  })
})

describe('the distance to a ring', () => {
  it('is measured to the nearest spot of a side, not to a corner', () => {
    expect(distanceToRingKm({ lat: 20.5, lng: 99 }, square(100, 20, 1))).toBeCloseTo(104.15, 1)
  })

  it('is nothing at a corner', () => {
    expect(distanceToRingKm({ lat: 20, lng: 100 }, square(100, 20, 1))).toBe(0)
  })
})

describe('a file of fences', () => {
  const geojson = (type: string, ring: Ring) =>
    JSON.stringify({
      features: [{ properties: { shard: 9, name: 'nine' }, geometry: { type, coordinates: [[ring]] } }],
    })

  it('may leave its rings open', () => {
    const [nine] = parseFences(geojson('MultiPolygon', square(100, 20, 1).slice(0, 4)))
    expect(nine?.polygons[0]?.[0]).toEqual(square(100, 20, 1))
  })

  it('is refused where it holds anything but MultiPolygons', () => {
    expect(() => parseFences(geojson('Polygon', square(100, 20, 1)))).toThrow('nine is Polygon')
    expect(() => parseFences(geojson('MultiPolygon', []))).toThrow('empty ring')
  })
})

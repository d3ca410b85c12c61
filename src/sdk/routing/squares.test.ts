import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distanceKm, type Point } from '../model/index.ts'
import { nearestFenceKmMax } from './fences.ts'
import { readGround } from './ground.ts'
import { distanceToRingKm } from './ring-distance.ts'
import { Squares } from './squares.ts'

const { fences, cells } = await readGround(join(import.meta.dirname, '../../../data'))
const citiesOf = (division: string) => cells.filter((cell) => cell.division === division)
const squares = new Squares(fences, citiesOf)

/** What plain geometry says: the one fence around, there the nearest city. */
function plainly(point: Point): number | undefined {
  const [fence, ...others] = fences.around(point)
  if (fence === undefined || others.length > 0) return undefined
  return citiesOf(fence.name).toSorted((a, b) => distanceKm(point, a.point) - distanceKm(point, b.point))[0]?.cell
}

/** Anywhere in the country; near a border of a fence; on a line between two squares. */
const anywhere = fc.record({
  lat: fc.double({ min: 18, max: 54, noNaN: true }),
  lng: fc.double({ min: 73, max: 135.5, noNaN: true }),
})
const borders = fences.fences.flatMap(({ polygons }) => polygons.flat().flat())
const nearBorder = fc
  .tuple(
    fc.constantFrom(...borders),
    fc.double({ min: -0.2, max: 0.2, noNaN: true }),
    fc.double({ min: -0.2, max: 0.2, noNaN: true }),
  )
  .map(([[lng, lat], a, b]) => ({ lat: lat + a, lng: lng + b }))
const onLine = fc
  .record({ lat: fc.integer({ min: 180, max: 540 }), lng: fc.integer({ min: 730, max: 1350 }) })
  .map(({ lat, lng }) => ({ lat: lat / 10, lng: lng / 10 }))

describe('a square that is known', () => {
  it('says of every position in it what plain geometry says', () => {
    let known = 0
    fc.assert(
      fc.property(fc.oneof(anywhere, nearBorder, onLine), (point) => {
        const cell = squares.cellOf(point)
        if (cell === undefined) return
        known++
        expect(cell).toBe(plainly(point))
      }),
      { numRuns: 4_000 },
    )
    expect(known).toBeGreaterThan(300)
  })

  it('is none outside of the grid', () => {
    for (const point of [
      { lat: -10, lng: 100 },
      { lat: 30, lng: 0 },
      { lat: 89, lng: 100 },
      { lat: 30, lng: 179 },
    ])
      expect(squares.cellOf(point)).toBeUndefined()
  })
})

describe('the nearest fences', () => {
  it('are those of a scan of all of them', () => {
    fc.assert(
      fc.property(fc.oneof(anywhere, nearBorder), (point) => {
        const all = fences.fences
          .map((fence) => ({
            fence,
            distanceKm: Math.min(...fence.polygons.flat().map((r) => distanceToRingKm(point, r))),
          }))
          .filter((hit) => hit.distanceKm <= nearestFenceKmMax)
          .sort((a, b) => a.distanceKm - b.distanceKm || a.fence.shard - b.fence.shard)
        expect(fences.nearest(point, 3)).toEqual(all.slice(0, 3))
      }),
      { numRuns: 500 },
    )
  })
})

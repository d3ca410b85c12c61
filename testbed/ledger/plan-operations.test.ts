import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readGroundData } from '../orders/ground-data.ts'
import { defaultMix, hubsOf, type PlannedOperation, planOperations } from './plan-operations.ts'

const { cells, divisions } = await readGroundData()
const zoneOf = new Map(divisions.map(({ name, zone }) => [name, zone]))
const inside = (zone: string) => ({
  inside: zone,
  cells: cells.filter(({ division }) => zoneOf.get(division) === zone),
})
const seats = [{ inside: null, cells }, inside('bj'), inside('sh')]
const hubs = hubsOf(cells)
const plan = (seed: number, mix = defaultMix) =>
  planOperations({ seats, insideShare: 0.25, divisions, hubs, mix, seed })
const first = (count: number, seed: number) => Array.from({ length: count }, (_, index) => plan(seed)(index))

describe('the operations of a run', () => {
  it('are the same for the same seed, each by its number alone', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.nat(10_000), { maxLength: 30 }), (seed, indexes) => {
        const [one, other] = [plan(seed), plan(seed)]
        const forward = new Map(indexes.map((index) => [index, one(index)]))
        for (const index of indexes.toReversed()) expect(other(index)).toEqual(forward.get(index))
      }),
      { numRuns: 40 },
    )
  })

  it('are others for another seed', () => {
    const said = (planned: PlannedOperation) => JSON.stringify([planned.kind, planned.cell.cell, planned.amountFen])
    const [one, other] = [first(200, 1).map(said), first(200, 2).map(said)]
    expect(one.filter((text, index) => text === other[index]).length).toBeLessThan(10)
  })

  it('come as often as the mix and the seats say', () => {
    const many = first(6_000, 11)
    const share = (is: (planned: PlannedOperation) => boolean) => many.filter(is).length / many.length
    expect(share(({ kind }) => kind === 'place')).toBeCloseTo(0.3, 1)
    expect(share(({ kind }) => kind === 'advance')).toBeCloseTo(0.5, 1)
    expect(share(({ kind }) => kind === 'read')).toBeCloseTo(0.15, 1)
    expect(share(({ kind }) => kind === 'register')).toBeCloseTo(0.06, 1)
    expect(share(({ seat }) => seat > 0)).toBeCloseTo(0.24, 1)
    expect(share(({ fate }) => fate === 'delivered')).toBeCloseTo(0.3, 1)
  })

  it('reach every division, however few live there, often enough to see when it is back', () => {
    const asked = Map.groupBy(first(6_000, 3), ({ cell }) => cell.division)
    expect(new Set(asked.keys())).toEqual(new Set(divisions.map(({ name }) => name)))
    expect(Math.min(...[...asked.values()].map(({ length }) => length))).toBeGreaterThan(6_000 / divisions.length / 3)
  })

  it('keep a tablet within its zone, and what is delivered where riders are', () => {
    for (const { seat, cell, fate, kind } of first(3_000, 5)) {
      const zone = seats[seat]?.inside
      if (zone !== null) expect(zoneOf.get(cell.division)).toBe(zone)
      if (fate === 'delivered' && kind !== 'register') expect(hubs.get(cell.division)).toBe(cell)
    }
  })

  it('let some phones be wanted by two at once, one right after the other, and never by three', () => {
    const registered = first(6_000, 9).filter(({ kind }) => kind === 'register')
    const wanted = Map.groupBy(registered, ({ phone }) => phone)
    const rivals = [...wanted.values()].filter((all) => all.length > 1)
    expect(rivals.length).toBeGreaterThan(20)
    for (const [one, other, third] of rivals) {
      expect((other?.index ?? 0) - (one?.index ?? 0)).toBe(1)
      expect(third).toBeUndefined()
    }
    expect(registered.every(({ seat }) => seats[seat]?.inside === null)).toBe(true)
  })
})

import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cell, packId, type RoutingTable, TableIndex } from '../model/index.ts'
import { Decider } from './decide.ts'
import { readGround } from './ground.ts'

const ground = await readGround(join(import.meta.dirname, '../../../data'))
const decider = new Decider(ground.fences, ground.cells)
const zoneOf = new Map(ground.divisions.map((d) => [d.shard, d.zone]))
const plain: RoutingTable = {
  version: 1,
  shards: ground.divisions.map((d) => ({ shard: d.shard, name: d.name, zone: d.zone, state: 'ACTIVE', epoch: 1 })),
  cells: ground.cells.map((c) => [c.cell, c.shard]),
}
const table = new TableIndex(plain)
const geo = (lat: number, lng: number) => ({ kind: 'geo', point: { lat, lng } }) as const
const anyCell = fc.constantFrom(...ground.cells)
const noRoute = expect.objectContaining({ code: 'EZ_NO_ROUTE' })

describe('each of the 400 cities', () => {
  it.each(ground.cells.map((cell) => [cell.city, cell] as const))(
    '%s is served by the zone of its shard',
    (_, cell: Cell) => {
      const decided = decider.decide({ kind: 'geo', point: cell.point }, table)
      expect(decided).toMatchObject({ cell: cell.cell, shard: cell.shard, zone: zoneOf.get(cell.shard), epoch: 1 })
      expect(decided.rule).toBe(cell.city === 'Xiamen' ? 'geo-nearest-fence' : 'geo')
    },
  )
})

describe('coordinates', () => {
  it('lead to the fence around them and there to the nearest city', () => {
    expect(decider.decide(geo(31.23, 121.47), table)).toEqual({
      shard: 31,
      zone: 'sh',
      epoch: 1,
      state: 'ACTIVE',
      cell: 1,
      rule: 'geo',
      candidates: [{ shard: 31, name: 'Shanghai', zone: 'sh', distanceKm: 0 }],
    })
  })

  it('never lead to a nearer city of another division', () => {
    // Kunshan is in Jiangsu, though the centre of Shanghai is nearer than that of Suzhou's cell would be by road.
    const decided = decider.decide(geo(31.38, 120.98), table)
    expect(decided).toMatchObject({ shard: 32, zone: 'sh' })
    expect(ground.cells.find((c) => c.cell === decided.cell)?.division).toBe('Jiangsu')
  })

  it('off the coast lead to the nearest fence and name the others', () => {
    const decided = decider.decide(geo(24.45, 118.08), table)
    expect(decided).toMatchObject({ shard: 35, zone: 'sh', rule: 'geo-nearest-fence' })
    expect(decided.candidates.map((c) => c.name)).toEqual(['Fujian', 'Guangdong', 'Jiangxi'])
    expect(decided.candidates[0]?.distanceKm).toBeGreaterThan(0)
  })

  it('far from every fence lead nowhere', () => {
    expect(() => decider.decide(geo(40.71, -74.01), table)).toThrow(noRoute)
  })

  it('always lead to a cell of the fence that decided', () => {
    const lat = fc.integer({ min: 1900, max: 5300 }).map((n) => n / 100)
    const lng = fc.integer({ min: 7400, max: 13400 }).map((n) => n / 100)
    fc.assert(
      fc.property(lat, lng, (y, x) => {
        const around = ground.fences.around({ lat: y, lng: x })
        fc.pre(around.length > 0)
        const decided = decider.decide(geo(y, x), table)
        expect(decided.shard).toBe(around[0]?.shard)
        expect(ground.cells.find((c) => c.cell === decided.cell)?.division).toBe(around[0]?.name)
      }),
    )
  })
})

describe('an id', () => {
  it('leads to the shard of its cell, whichever zone made it', () => {
    const id = fc.record({
      cell: anyCell,
      zone: fc.integer({ min: 1, max: 15 }),
      kind: fc.constantFrom('order', 'shop', 'courier', 'user'),
    })
    fc.assert(
      fc.property(id, ({ cell, zone, kind }) => {
        const tag = { kind: kind as 'order', id: packId({ seconds: 5, cell: cell.cell, zone, writer: 1, sequence: 9 }) }
        expect(decider.decide(tag, table)).toMatchObject({
          cell: cell.cell,
          shard: cell.shard,
          zone: zoneOf.get(cell.shard),
          rule: kind,
        })
      }),
    )
  })

  it('follows its cell when the shard is split', () => {
    const split = new TableIndex({
      version: 2,
      shards: [...plain.shards, { shard: 99, name: 'Suzhou', zone: 'bj', state: 'ACTIVE', epoch: 2 }],
      cells: plain.cells.map(([cell, shard]) => [
        cell,
        cell === ground.cities.find('Suzhou,Jiangsu').cell ? 99 : shard,
      ]),
    })
    const { cell, point } = ground.cities.find('Suzhou,Jiangsu')
    const order = packId({ seconds: 5, cell, zone: 2, writer: 0, sequence: 0 })
    for (const tag of [{ kind: 'order', id: order } as const, { kind: 'geo', point } as const])
      expect(decider.decide(tag, split)).toMatchObject({ shard: 99, zone: 'bj', epoch: 2 })
  })

  it('of a cell the table does not know leads nowhere', () => {
    const id = packId({ seconds: 5, cell: 401, zone: 2, writer: 0, sequence: 0 })
    expect(() => decider.decide({ kind: 'order', id }, table)).toThrow(noRoute)
  })
})

describe('no tag at all', () => {
  it('leads to the first cell of the lowest shard', () => {
    expect(decider.decide(undefined, table)).toMatchObject({ shard: 11, zone: 'bj', cell: 2, rule: 'fallback' })
  })
})

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCells, parseDivisions } from '@ezone/sdk/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { demand } from './demand.ts'
import { hourWeights } from './hours.ts'
import { seeded, weighted } from './random.ts'

const data = join(import.meta.dirname, '../../data')
const cells = parseCells(await readFile(join(data, 'cells.csv'), 'utf8'))
const divisions = parseDivisions(await readFile(join(data, 'fences/shards-31.csv'), 'utf8'))
const zoneOf = new Map(divisions.map((d) => [d.name, d.zone]))
const draw = demand(divisions, cells)
const drawn = (seed: number, count: number) => {
  const random = seeded(seed)
  return Array.from({ length: count }, () => draw(random))
}
const share = <T>(items: readonly T[], is: (item: T) => boolean) => items.filter(is).length / items.length

describe.each([1, 7719, 20_261_121])('20,000 orders of seed %i', (seed) => {
  const orders = drawn(seed, 20_000)

  it('are split 52 to 48 between bj and sh, within one per cent', () => {
    expect(Math.abs(share(orders, (o) => zoneOf.get(o.cell.division) === 'bj') - 0.52)).toBeLessThan(0.01)
  })

  it('come from each division as its people say, within one per cent', () => {
    const all = divisions.reduce((sum, d) => sum + d.population, 0)
    for (const division of divisions)
      expect(
        Math.abs(share(orders, (o) => o.cell.division === division.name) - division.population / all),
      ).toBeLessThan(0.01)
  })

  it('come from the cities of a division by their size', () => {
    const jiangsu = orders.filter((o) => o.cell.division === 'Jiangsu')
    const cities = cells.filter((c) => c.division === 'Jiangsu')
    const people = cities.reduce((sum, c) => sum + c.population, 0)
    for (const city of cities)
      expect(Math.abs(share(jiangsu, (o) => o.cell === city) - city.population / people)).toBeLessThan(0.05)
  })

  it('peak at 11:00 and from 17:00 to 18:59, the busiest hour with 14 to 22 per cent', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => share(orders, (o) => o.hour === hour))
    const at = (hour: number) => hours[hour] ?? 0
    expect(Math.max(...hours)).toBe(at(17))
    expect(at(17)).toBeGreaterThanOrEqual(0.14)
    expect(at(17)).toBeLessThanOrEqual(0.22)
    expect(at(11)).toBeGreaterThan(at(10))
    expect(at(11)).toBeGreaterThan(at(13))
    expect(at(18)).toBeGreaterThan(at(16))
    expect(hours.filter((_, hour) => hour < 9 || hour > 21)).toEqual(Array(11).fill(0))
  })
})

describe('the day that orders are drawn from', () => {
  it('has 14 to 22 per cent in its busiest hour, which is 17:00', () => {
    const all = hourWeights.reduce((a, b) => a + b)
    const busiest = Math.max(...hourWeights)
    expect(hourWeights.indexOf(busiest)).toBe(17)
    expect(busiest / all).toBeGreaterThanOrEqual(0.14)
    expect(busiest / all).toBeLessThanOrEqual(0.22)
  })
})

describe('chance', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(drawn(5, 50)).toEqual(drawn(5, 50))
    expect(drawn(5, 50)).not.toEqual(drawn(6, 50))
  })

  it('never draws what weighs nothing, and nothing but what is there', () => {
    const weights = fc.array(fc.nat(5), { minLength: 1, maxLength: 20 }).filter((w) => w.some((n) => n > 0))
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(weights, chance, (all, value) => {
        const index = weighted([...all.keys()], (i) => all[i] ?? 0)(() => value)
        expect(all[index]).toBeGreaterThan(0)
      }),
    )
  })

  it('cannot draw from nothing', () => {
    expect(() => weighted([1, 2], () => 0)).toThrow(TypeError)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readGroundData } from '../orders/ground-data.ts'
import { planDay } from './day.ts'
import { beside, onTheWay, rideMin } from './ride.ts'

const ground = await readGroundData()
const day = (seed: number, orders = 3_000, windowMin = 300) => planDay({ ...ground, orders, windowMin, seed })
const zoneOf = new Map(ground.divisions.map((division) => [division.name, division.zone]))

describe('a day that is simulated', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(day(7, 200)).toEqual(day(7, 200))
    expect(day(7, 200)).not.toEqual(day(8, 200))
  })

  it('has its orders 52 to 48 in the two zones', () => {
    const share = day(1).orders.filter(({ cell }) => zoneOf.get(cell.division) === 'bj').length / 3_000
    expect(Math.abs(share - 0.52)).toBeLessThan(0.03)
  })

  it('has most of its orders at the lunch peak, in order, and all within the window', () => {
    const times = day(1).orders.map(({ atMin }) => atMin)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(Math.min(...times)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...times)).toBeLessThanOrEqual(300)
    const inHour = (hour: number) => times.filter((at) => Math.floor(at / 60) === hour).length
    expect(inHour(1)).toBeGreaterThan(inHour(0))
    expect(inHour(1)).toBeGreaterThan(inHour(3))
  })

  it('has every fate, and a shop and two riders at least wherever an order is', () => {
    const { orders, cities } = day(1)
    expect(new Set(orders.map(({ fate }) => fate)).size).toBe(4)
    const served = new Map(cities.map((city) => [city.cell, city]))
    for (const { cell } of orders) {
      expect(served.get(cell)?.shops).toBeGreaterThanOrEqual(1)
      expect(served.get(cell)?.riders).toBeGreaterThanOrEqual(2)
    }
    expect(cities.reduce((sum, city) => sum + city.orders, 0)).toBe(orders.length)
  })

  it('goes on through hours in which nobody orders, however long it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.nat(1_000), (windowMin, seed) => {
        for (const { atMin } of day(seed, 20, windowMin).orders) expect(atMin).toBeLessThanOrEqual(windowMin)
      }),
      { numRuns: 20 },
    )
  })
})

describe('a ride', () => {
  const shanghai = { lat: 31.23, lng: 121.47 }
  const somewhere = fc.record({
    northKm: fc.double({ min: -5, max: 5, noNaN: true }),
    eastKm: fc.double({ min: -5, max: 5, noNaN: true }),
  })

  it('begins here, ends there, and is never faster than 20 km/h', () => {
    fc.assert(
      fc.property(somewhere, fc.double({ min: 0, max: 60, noNaN: true }), ({ northKm, eastKm }, minutes) => {
        const to = beside(shanghai, northKm, eastKm)
        const whole = rideMin(shanghai, to)
        expect(onTheWay(shanghai, to, 0)).toEqual(whole === 0 ? to : shanghai)
        expect(onTheWay(shanghai, to, whole + 1)).toMatchObject({ lat: expect.closeTo(to.lat, 9) })
        expect(rideMin(shanghai, onTheWay(shanghai, to, minutes))).toBeLessThanOrEqual(minutes + 0.01)
      }),
    )
  })

  it('of a kilometre takes three minutes', () => {
    expect(rideMin(shanghai, beside(shanghai, 1, 0))).toBeCloseTo(3, 1)
    expect(rideMin(shanghai, beside(shanghai, 0, 1))).toBeCloseTo(3, 1)
  })
})

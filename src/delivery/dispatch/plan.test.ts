import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, it } from 'vitest'
import { batchLimits, type FreeRider, type Pair, pairCostMin, planBatch, type WaitingOrder } from './plan.ts'

interface Batch {
  readonly orders: readonly WaitingOrder[]
  readonly riders: readonly FreeRider[]
}

/** A city of some 30 x 30 km at some hour: the seed says how many orders wait, and how many riders are free. */
function batchOf(seed: number): Batch {
  const generator = xoroshiro128plus(seed)
  const random = () => uniformFloat64(generator)
  const at = () => ({ lat: 31 + random() * 0.3, lng: 121 + random() * 0.3 })
  const count = (max: number) => 1 + Math.floor(random() * max)
  return {
    orders: Array.from({ length: count(60) }, (_, i) => ({ orderId: `o${i}`, at: at(), waitedS: random() * 900 })),
    riders: Array.from({ length: count(60) }, (_, i) => ({ riderId: `r${i}`, at: at(), trips: count(20) - 1 })),
  }
}

/** The cheapest pair that is left, again and again: what one does without thinking. */
function greedy({ orders, riders }: Batch): readonly Pair[] {
  const longest = longestWait(orders)
  const all = orders
    .flatMap((order) => riders.map((rider) => ({ order, rider, cost: pairCostMin(order, rider, longest) })))
    .sort((a, b) => a.cost - b.cost)
  const taken = new Set<unknown>()
  return all.filter(({ order, rider }) => {
    if (taken.has(order) || taken.has(rider)) return false
    taken.add(order).add(rider)
    return true
  })
}

const longestWait = (orders: readonly WaitingOrder[]) => Math.max(...orders.map((o) => o.waitedS))
const costOf = (pairs: readonly Pair[], orders: readonly WaitingOrder[]) =>
  pairs.reduce((sum, { order, rider }) => sum + pairCostMin(order, rider, longestWait(orders)), 0)

describe('a batch of dispatch, 100 seeds', () => {
  const seeds = Array.from({ length: 100 }, (_, i) => i + 1)

  it('never costs more than greedy would, and mostly less', () => {
    let less = 0
    for (const seed of seeds) {
      const batch = batchOf(seed)
      const [planned, simple] = [planBatch(batch.orders, batch.riders), greedy(batch)]
      expect(planned.length, `seed ${seed}`).toBe(simple.length)
      const [best, other] = [costOf(planned, batch.orders), costOf(simple, batch.orders)]
      expect(best, `seed ${seed}`).toBeLessThanOrEqual(other + 1e-9)
      if (best < other - 1e-9) less++
    }
    expect(less).toBeGreaterThan(50)
  })

  it('gives no rider two orders and no order two riders, and leaves nobody idle who could ride', () => {
    for (const seed of seeds) {
      const { orders, riders } = batchOf(seed)
      const pairs = planBatch(orders, riders)
      expect(pairs.length).toBe(Math.min(orders.length, riders.length))
      expect(new Set(pairs.map((p) => p.rider.riderId)).size).toBe(pairs.length)
      expect(new Set(pairs.map((p) => p.order.orderId)).size).toBe(pairs.length)
    }
  })

  it('is the same for the same batch', () => {
    const { orders, riders } = batchOf(7)
    expect(planBatch(orders, riders)).toEqual(planBatch(orders, riders))
  })
})

describe('what a batch weighs', () => {
  const here = { lat: 31.2, lng: 121.4 }
  const there = { lat: 31.3, lng: 121.4 }
  const order = (orderId: string, waitedS = 0, at = here) => ({ orderId, at, waitedS })
  const rider = (riderId: string, at = here, trips = 0) => ({ riderId, at, trips })
  const chosen = (pairs: readonly Pair[]) => pairs.map((p) => [p.order.orderId, p.rider.riderId])

  it('sends the nearer of two riders', () => {
    expect(chosen(planBatch([order('o')], [rider('far', there), rider('near')]))).toEqual([['o', 'near']])
  })

  it('sends, of two equally near, the one who has done less', () => {
    expect(chosen(planBatch([order('o')], [rider('tired', here, 9), rider('fresh')]))).toEqual([['o', 'fresh']])
  })

  it('lets the order go first that has waited longer, where there is one rider', () => {
    expect(chosen(planBatch([order('young', 10), order('old', 600)], [rider('r')]))).toEqual([['old', 'r']])
  })

  it('is bounded: the oldest orders of a crowd, and the rest with the next batch', () => {
    const crowd = Array.from({ length: 300 }, (_, i) => order(`o${i}`, i))
    const riders = Array.from({ length: 400 }, (_, i) => rider(`r${i}`))
    const pairs = planBatch(crowd, riders)
    expect(pairs.length).toBe(batchLimits.ordersMax)
    expect(Math.min(...pairs.map((p) => p.order.waitedS))).toBe(300 - batchLimits.ordersMax)
  })

  it('has nothing to do without orders, and without riders', () => {
    expect(planBatch([], [rider('r')])).toEqual([])
    expect(planBatch([order('o')], [])).toEqual([])
  })
})

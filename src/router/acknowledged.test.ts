import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AcknowledgedWrites } from './acknowledged.ts'

function at(ms: number) {
  const clock = { ms, nowMs: () => clock.ms, monotonicMs: () => clock.ms }
  return clock
}
const write = (n: number, shard = 31) => ({ orderId: BigInt(n), version: BigInt(n) << 4n, shard, zone: 'sh' })
const start = 1_000_000

/** Every page, as a takeover asks for them. */
function all(writes: AcknowledgedWrites, shard: number, sinceMs: number) {
  const orders: string[] = []
  let complete = true
  for (let after: number | null = 0; after !== null; ) {
    const page = writes.page({ shard, sinceMs, after })
    orders.push(...page.orders.map((order) => order.orderId))
    complete &&= page.complete
    after = page.next === null ? null : Number(page.next)
  }
  return { orders, complete }
}

describe('what clients were told was done', () => {
  it('is kept with its version, shard, zone and time', () => {
    const clock = at(start)
    const writes = new AcknowledgedWrites(clock)
    clock.ms += 5
    writes.add(write(7))
    expect(writes.page({ shard: 31, sinceMs: start, after: 0 })).toEqual({
      complete: true,
      orders: [{ orderId: '7', version: '112', shard: 31, zone: 'sh', atMs: start + 5 }],
      next: null,
    })
  })

  it('is for every shard and every moment of the last minute exactly what was told, in its order', () => {
    const told = fc.array(fc.record({ passMs: fc.nat(20_000), shard: fc.constantFrom(11, 31) }), { maxLength: 50 })
    fc.assert(
      fc.property(told, fc.nat(59_999), (steps, backMs) => {
        const clock = at(start)
        const writes = new AcknowledgedWrites(clock)
        const log = steps.map(({ passMs, shard }, n) => {
          clock.ms += passMs
          writes.add(write(n + 1, shard))
          return { orderId: String(n + 1), shard, atMs: clock.ms }
        })
        const sinceMs = Math.max(start, clock.ms - backMs)
        for (const shard of [11, 31])
          expect(all(writes, shard, sinceMs)).toEqual({
            orders: log.filter((one) => one.shard === shard && one.atMs >= sinceMs).map((one) => one.orderId),
            complete: true,
          })
      }),
    )
  })

  it('is not claimed to be all where more was asked than a minute, or than the router has lived', () => {
    const clock = at(start)
    const writes = new AcknowledgedWrites(clock)
    writes.add(write(1))
    expect(all(writes, 31, start - 1).complete).toBe(false)
    clock.ms += 60_001
    expect(all(writes, 31, start)).toEqual({ orders: [], complete: false })
    expect(writes.count).toBe(0)
  })

  it('is not claimed to be all once there was more of it than there is room for', () => {
    const clock = at(start)
    const writes = new AcknowledgedWrites(clock)
    for (let n = 1; n <= 2 ** 18; n++) writes.add(write(n))
    expect(writes.count).toBe(2 ** 18)
    expect(all(writes, 31, start)).toMatchObject({ complete: true, orders: { length: 2 ** 18 } })
    clock.ms += 1
    writes.add(write(2 ** 18 + 1))
    expect(all(writes, 31, start).complete).toBe(false)
    expect(all(writes, 31, start + 1)).toEqual({ orders: [String(2 ** 18 + 1)], complete: true })
  })
})

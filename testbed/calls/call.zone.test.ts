import { systemClock } from '@ezone/sdk/clock'
import type { Order } from '@ezone/sdk/model'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { PlatformGround } from '../testing/platform-ground.ts'
import { callService } from './call.ts'
import { callText } from './call-text.ts'
import { readyCall } from './methods.ts'

let platform: PlatformGround
const signal = new AbortController().signal
beforeAll(async () => {
  platform = await PlatformGround.make({ bj: 57, sh: 58, edge: 59 }, { links: true })
  await platform.startAll(['gzs', 'lease-keeper', 'orders', 'soa-proxy', 'legacy'])
  await vi.waitFor(() => call('sh', 'legacy.echo'), { timeout: 20_000, interval: 100 })
  await vi.waitFor(() => call('sh', 'order.place', { city: 'Shanghai' }), { timeout: 20_000, interval: 100 })
})
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
})

async function call(from: string, method: string, where = {}, body?: string) {
  const door = platform.addressOf(from, 'soa-proxy')
  return callService({ zone: from, door }, await readyCall(method, where, body), { clock: systemClock, signal })
}
const way = (answer: Awaited<ReturnType<typeof call>>) => answer.path.map(({ name, place }) => `${name}@${place}`)
/** Of several, the quickest: on a busy machine the others tell of the machine. */
const best = async (again: () => ReturnType<typeof call>) => {
  const answers = []
  for (let i = 0; i < 10; i++) answers.push(await again())
  return answers.reduce((a, b) => ((a.path[0]?.ms ?? 0) < (b.path[0]?.ms ?? 0) ? a : b))
}

describe('ezone call', () => {
  it('of an order of another zone crosses once, through the proxies, and pays the round trip of the link', async () => {
    const placed = await call('sh', 'order.place', { city: 'Shanghai' }, '{"amountFen":1}')
    const { orderId } = placed.answer as Order
    const [near, far] = [
      await best(() => call('sh', 'order.get', { order: orderId })),
      await best(() => call('bj', 'order.get', { order: orderId })),
    ]
    expect(way(near)).toEqual(['soa-proxy@sh', 'orders@sh'])
    expect(way(far)).toEqual(['soa-proxy@bj', 'soa-proxy@sh', 'orders@sh'])
    expect(far).toMatchObject({ from: 'bj', zone: 'sh', shard: 31, rule: 'order', answer: { orderId } })
    // The hop over the link is the one that costs: its own time is the wire's.
    expect(far.path[1]?.ownMs).toBeGreaterThan(29)
    expect((far.path[0]?.ms ?? 0) - (near.path[0]?.ms ?? 0)).toBeGreaterThan(25)
  })

  it('of a service that lives in one zone finds it there', async () => {
    const answer = await call('sh', 'legacy.echo', {}, '{"text":"hello"}')
    expect(way(answer)).toEqual(['soa-proxy@sh', 'soa-proxy@bj', 'legacy@bj'])
    expect(answer).toMatchObject({ zone: 'bj', rule: 'home', answer: { zone: 'bj', said: { text: 'hello' } } })
    expect(callText(answer)).toMatch(/legacy\.echo from sh: answered in bj[\s\S]*soa-proxy +sh[\s\S]*legacy +bj/)
  })

  it('tells the error of the platform as it was given', async () => {
    const nobody = { order: '127913961550135296' }
    await expect(call('bj', 'order.get', nobody)).rejects.toMatchObject({
      code: 'EZ_UNKNOWN_ORDER',
      oclif: { exit: 11 },
    })
    const door = { host: '127.57.0.250', port: 7200 }
    const ready = await readyCall('legacy.echo', {}, undefined)
    await expect(callService({ zone: 'bj', door }, ready, { clock: systemClock, signal })).rejects.toMatchObject({
      code: 'EZ_NOT_RUNNING',
    })
  })
})

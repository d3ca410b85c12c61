import { systemClock } from '@ezone/sdk/clock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OrdersGround } from '../../../testbed/testing/orders-ground.ts'

let ground: OrdersGround
beforeAll(async () => {
  ground = await OrdersGround.make({ sh: 70, edge: 71 })
  await ground.own(31, 'sh')
  await ground.start('sh')
})
afterAll(async () => {
  await ground?.[Symbol.asyncDispose]()
})

const report = async (riderId: string, lat: number, atMs: number) => {
  const { body, status } = await ground.ask('sh', 'POST', `/riders/${riderId}/position`, {
    body: { lat, lng: 121.47, atMs },
  })
  return status === 200 ? body.fate : body.error?.code
}
const counted = async (metric: string, outcome: string) => {
  const text = await (await fetch(`${ground.platform.program('sh', 'orders').url}/metrics`)).text()
  const line = text.split('\n').find((one) => one.startsWith(`${metric}{`) && one.includes(`outcome="${outcome}"`))
  return Number(line?.split(' ').at(-1) ?? 0)
}

describe('positions of riders', () => {
  it('are dropped and counted when they are stale, jump, or come from the future; the others are taken', async () => {
    const riderId = await ground.riderIn('sh')
    const nowMs = Math.floor(systemClock.nowMs())
    const fates = [
      await report(riderId, 31.23, nowMs - 60_000),
      await report(riderId, 31.232, nowMs - 50_000),
      await report(riderId, 31.23, nowMs - 55_000),
      await report(riderId, 31.232, nowMs - 50_000),
      await report(riderId, 32.24, nowMs - 40_000),
      await report(riderId, 31.232, nowMs + 3_600_000),
      await report(riderId, 31.235, nowMs - 30_000),
    ]
    expect(fates).toEqual(['taken', 'taken', 'stale', 'stale', 'jumping', 'ahead', 'taken'])
    const counts = await Promise.all(
      ['taken', 'stale', 'jumping', 'ahead'].map((fate) => counted('ezone_orders_positions_total', fate)),
    )
    expect(counts).toEqual([3, 2, 1, 1])
  })

  it('of several reports of one time exactly one is taken', async () => {
    const riderId = await ground.riderIn('sh')
    const atMs = Math.floor(systemClock.nowMs())
    const fates = await Promise.all(Array.from({ length: 4 }, () => report(riderId, 31.23, atMs)))
    expect(fates.filter((fate) => fate === 'taken')).toHaveLength(1)
  })

  it('of a rider nobody took on are refused', async () => {
    expect(await report('127913961550135296', 31, 1)).toBe('EZ_UNKNOWN_RIDER')
    expect(await report('abc', 31, 1)).toBe('EZ_UNKNOWN_RIDER')
  })

  it('cannot be taken while Redis is away, and are again when it is back', async () => {
    const riderId = await ground.riderIn('sh')
    await ground.platform.stopStore('sh/redis', 'kill')
    expect(await report(riderId, 31.23, 1)).toBe('EZ_STORE_UNREACHABLE')
    await ground.platform.startStores('sh/redis')
    await expect.poll(() => report(riderId, 31.23, 2), { timeout: 10_000 }).toBe('taken')
  })
})

describe('a menu', () => {
  const menu = [{ name: 'noodles', priceFen: 1800 }]
  const open = async () => {
    const shop = { name: 'a shop', lat: 31.2, lng: 121.4, menu }
    return (await ground.ask('sh', 'POST', '/merchants', { body: shop })).body.merchantId
  }
  const read = (merchantId: unknown) => ground.ask('sh', 'GET', `/merchants/${merchantId}/menu`)

  it('is read from the database once, then from Redis', async () => {
    const merchantId = await open()
    for (let i = 0; i < 3; i++)
      expect(await read(merchantId)).toMatchObject({ status: 200, body: { merchantId, name: 'a shop', menu } })
    expect([
      await counted('ezone_orders_menus_total', 'fromDatabase'),
      await counted('ezone_orders_menus_total', 'fromCache'),
    ]).toEqual([1, 2])
  })

  it('is read from the database while Redis is away, and is there again after Redis lost everything', async () => {
    const merchantId = await open()
    await ground.platform.stopStore('sh/redis', 'kill')
    expect(await read(merchantId)).toMatchObject({ status: 200, body: { menu } })
    await ground.platform.startStores('sh/redis')
    expect(await read(merchantId)).toMatchObject({ status: 200, body: { menu } })
  })

  it('of a shop nobody opened is unknown', async () => {
    expect((await read('127913961550135296')).body.error?.code).toBe('EZ_UNKNOWN_MERCHANT')
  })
})

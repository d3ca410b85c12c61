import { OwnShards, packId, ZoneChanges } from '@ezone/sdk'
import { TestService, ToldTable } from '@ezone/sdk/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { routes } from './routes.ts'

const orderId = String(packId({ seconds: 60, cell: 9, zone: 1, writer: 0, sequence: 0 }))
const order = { orderId, shard: 31, zone: 'bj', state: 'paid', version: '12' }

let service: TestService
let table: ToldTable
beforeEach(async () => {
  table = new ToldTable({ 31: 'bj', 32: 'sh' })
  service = await TestService.start((context) => {
    const own = new OwnShards()
    const { log, signal } = context
    new ZoneChanges({ table, zone: 'bj', log, signal }).onZoneChange('own shards', own.hear)
    const heard = { find: async (id: string) => (id === orderId ? order : undefined) }
    return { routes: routes({ context, own, heard }) }
  })
})
afterEach(() => service[Symbol.asyncDispose]())

describe('what was heard of an order', () => {
  it('is told', async () => {
    expect(await service.ask('GET', `/orders/${orderId}`)).toMatchObject({ status: 200, body: order })
  })

  it.each(['78', 'no-id'])('is not found where it is nothing: %s', async (id) => {
    expect(await service.ask('GET', `/orders/${id}`)).toMatchObject({ status: 404 })
  })

  it('is told to nobody who did not come through a router', async () => {
    expect(await service.ask('GET', `/orders/${orderId}`, { tag: null })).toMatchObject({ status: 403 })
  })
})

describe('the shards this zone has', () => {
  const shards = async () => (await service.ask('GET', '/shards')).body

  it('come and go with the routing table', async () => {
    expect(await shards()).toEqual({ zone: 'bj', shards: [{ shard: 31, epoch: 1 }] })
    table.set(31, 'sh')
    await expect.poll(shards).toEqual({ zone: 'bj', shards: [] })
  })
})

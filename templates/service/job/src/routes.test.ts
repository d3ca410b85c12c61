import { OwnShards, ZoneChanges } from '@ezone/sdk'
import { TestService, ToldTable } from '@ezone/sdk/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { routes } from './routes.ts'

const turn = { shard: 31, zone: 'bj', turns: 4, lastAtMs: 60_000 }

let service: TestService
let table: ToldTable
beforeEach(async () => {
  table = new ToldTable({ 31: 'bj', 32: 'sh' })
  service = await TestService.start((context) => {
    const own = new OwnShards()
    const { log, signal } = context
    new ZoneChanges({ table, zone: 'bj', log, signal }).onZoneChange('own shards', own.hear)
    const turns = { last: async (shard: number) => (shard === turn.shard ? turn : undefined) }
    return { routes: routes({ context, own, turns }) }
  })
})
afterEach(() => service[Symbol.asyncDispose]())

describe('the last turn of a shard', () => {
  it('is told of the shard that the tag names', async () => {
    expect(await service.ask('GET', '/turn', { tag: { shard: 31 } })).toMatchObject({ status: 200, body: turn })
  })

  it('is not found before the first', async () => {
    expect(await service.ask('GET', '/turn', { tag: { shard: 33 } })).toMatchObject({ status: 404 })
  })

  it('is told to nobody who was sent to another zone', async () => {
    expect(await service.ask('GET', '/turn', { tag: { zone: 'sh' } })).toMatchObject({ status: 421 })
  })
})

describe('the shards this zone has', () => {
  const shards = async () => (await service.ask('GET', '/shards')).body

  it('come and go with the routing table', async () => {
    expect(await shards()).toEqual({ zone: 'bj', shards: [{ shard: 31, epoch: 1 }] })
    const epoch = table.set(32, 'bj')
    await expect.poll(shards).toMatchObject({ shards: [{ shard: 31 }, { shard: 32, epoch }] })
  })
})

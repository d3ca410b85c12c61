import { join } from 'node:path'
import { readGround, TableIndex } from '@ezone/sdk'
import { describe, expect, it } from 'vitest'
import { firstTable } from './first-table.ts'

const ground = await readGround(join(import.meta.dirname, '../../data'))
const split = Object.fromEntries(ground.divisions.map((d) => [String(d.shard), d.zone]))

describe('the first routing table', () => {
  const table = firstTable({ ...ground, zoneOf: split })

  it('has 31 shards and 400 cells, all ACTIVE, under version and epoch 1', () => {
    expect([table.version, table.shards.length, table.cells.length]).toEqual([1, 31, 400])
    expect(new Set(table.shards.map((s) => `${s.state} ${s.epoch}`))).toEqual(new Set(['ACTIVE 1']))
  })

  it('gives every shard to the zone the topology names, be there two zones or three', () => {
    expect(new TableIndex(table).shardOf(1)).toMatchObject({ shard: 31, zone: 'sh' })
    const three = firstTable({ ...ground, zoneOf: { ...split, 44: 'gz' } })
    expect(new TableIndex(three).shardOf(3)).toMatchObject({ name: 'Guangdong', zone: 'gz' })
    expect(new Set(three.shards.map((s) => s.zone))).toEqual(new Set(['bj', 'sh', 'gz']))
  })

  it('splits the people 52 to 48', () => {
    const people = ground.divisions.filter((d) => d.zone === 'bj').reduce((sum, d) => sum + d.population, 0)
    const all = ground.divisions.reduce((sum, d) => sum + d.population, 0)
    expect(all).toBe(1_409_778_724)
    expect(Math.abs(people / all - 0.52)).toBeLessThan(0.01)
  })

  it('is refused where the topology forgot a shard', () => {
    const { 31: _, ...rest } = split
    expect(() => firstTable({ ...ground, zoneOf: rest })).toThrow('shard 31 (Shanghai) to no zone')
  })
})

import { describe, expect, it } from 'vitest'
import { type RoutingTable, routingTableSchema, TableIndex } from './table.ts'

const shard = { shard: 31, name: 'Shanghai', zone: 'sh', state: 'ACTIVE', epoch: 1 } as const
const table: RoutingTable = {
  version: 3,
  shards: [shard, { ...shard, shard: 11, zone: 'bj', epoch: 3 }],
  cells: [
    [1, 31],
    [2, 11],
  ],
}

describe('a routing table', () => {
  it('is accepted when every cell belongs to a listed shard', () => {
    expect(routingTableSchema.parse(table)).toEqual(table)
  })

  it.each<[string, Partial<RoutingTable>]>([
    ['a shard is listed twice', { shards: [shard, shard], cells: [] }],
    [
      'a cell is listed twice',
      {
        cells: [
          [1, 31],
          [1, 11],
        ],
      },
    ],
    ['cell 5 belongs to no listed shard', { cells: [[5, 99]] }],
    ['shard 31 is newer than the table', { shards: [{ ...shard, epoch: 4 }], cells: [] }],
  ])('is refused because %s', (problem, wrong) => {
    const parsed = routingTableSchema.safeParse({ ...table, ...wrong })
    expect(parsed.error?.issues.map((issue) => issue.message)).toContain(problem)
  })

  it('tells the shard of a cell, and refuses to guess', () => {
    const index = new TableIndex(table)
    expect(index.shardOf(2)).toMatchObject({ shard: 11, zone: 'bj', epoch: 3 })
    expect(() => index.shardOf(3)).toThrow(expect.objectContaining({ code: 'EZ_NO_ROUTE' }))
    expect(() => index.shard(12)).toThrow(expect.objectContaining({ code: 'EZ_NO_ROUTE' }))
  })
})

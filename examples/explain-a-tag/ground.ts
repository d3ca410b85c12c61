import { join } from 'node:path'
import { Decider, type Ground, type RoutingTable, readGround, routingTableSchema, TableIndex } from '@ezone/sdk'

/** Fences and cities, from a folder such as `data` of this repository. */
export const groundHere = (): Promise<Ground> => readGround(join(import.meta.dirname, '..', '..', 'data'))

export const deciderOn = (ground: Ground): Decider => new Decider(ground.fences, ground.cells)

/** The table of a testbed, as `ezone gzs table --json` prints it. @throws where it is none */
export const tableFrom = (printed: string): TableIndex =>
  new TableIndex(routingTableSchema.parse((JSON.parse(printed) as { readonly data?: unknown }).data))

/** The first table there is, before any shard has moved. */
export function firstTable({ divisions, cells }: Ground): TableIndex {
  const table: RoutingTable = {
    version: 1,
    shards: divisions.map(({ shard, name, zone }) => ({ shard, name, zone, state: 'ACTIVE', epoch: 1 })),
    cells: cells.map(({ cell, shard }) => [cell, shard]),
  }
  return new TableIndex(table)
}

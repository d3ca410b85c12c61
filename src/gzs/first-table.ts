import { type Cell, type Division, type RoutingTable, routingTableSchema } from '@ezone/sdk'

export interface FirstTableInput {
  readonly divisions: readonly Division[]
  readonly cells: readonly Cell[]
  /** Shard number -> zone: what the topology asks for. */
  readonly zoneOf: Readonly<Record<string, string>>
}

/** The table before anything was ever moved: every division one shard, ACTIVE in its zone, version and epochs 1. */
export function firstTable({ divisions, cells, zoneOf }: FirstTableInput): RoutingTable {
  return routingTableSchema.parse({
    version: 1,
    shards: divisions.map(({ shard, name }) => {
      const zone = zoneOf[shard]
      if (zone === undefined) throw new TypeError(`the configuration gives shard ${shard} (${name}) to no zone`)
      return { shard, name, zone, state: 'ACTIVE', epoch: 1 }
    }),
    cells: cells.map(({ cell, shard }) => [cell, shard]),
  })
}

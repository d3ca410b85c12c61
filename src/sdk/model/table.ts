import { z } from 'zod'
import { cellMax } from './cells.ts'
import { EzoneError } from './errors.ts'

/** The states a shard passes through when it moves: ACTIVE -> FROZEN -> DRAINING -> ACTIVE, or ACTIVE -> TAKEOVER -> ACTIVE. */
export const shardStates = ['ACTIVE', 'FROZEN', 'DRAINING', 'TAKEOVER'] as const
export type ShardState = (typeof shardStates)[number]

const number = z.int().min(1)

const shardSchema = z.strictObject({
  shard: number.describe('Its number: the division code of China by default, such as 31 for Shanghai.'),
  name: z.string().min(1),
  zone: z.string().min(1).describe('The zone that serves it.'),
  state: z.enum(shardStates),
  epoch: number.describe("The table's version at this shard's last change."),
})

/** The routing table as GZS hands it out: cell -> shard -> {zone, state, epoch}. */
export const routingTableSchema = z
  .strictObject({
    version: number,
    shards: z.array(shardSchema).min(1),
    cells: z.array(z.tuple([number.max(cellMax), number])).describe('Pairs of cell and shard.'),
  })
  .superRefine((table, context) => {
    const shards = new Set(table.shards.map((s) => s.shard))
    const wrong = [
      shards.size === table.shards.length ? [] : ['a shard is listed twice'],
      new Set(table.cells.map(([cell]) => cell)).size === table.cells.length ? [] : ['a cell is listed twice'],
      table.cells.filter(([, shard]) => !shards.has(shard)).map(([cell]) => `cell ${cell} belongs to no listed shard`),
      table.shards.filter((s) => s.epoch > table.version).map((s) => `shard ${s.shard} is newer than the table`),
    ].flat()
    for (const message of wrong) context.addIssue({ code: 'custom', message })
  })

export type RoutingTable = z.output<typeof routingTableSchema>
export type ShardEntry = RoutingTable['shards'][number]

/** A routing table made ready to be asked, many thousand times a second. Never changes: a newer table is a new index. */
export class TableIndex {
  readonly table: RoutingTable
  readonly #shards: ReadonlyMap<number, ShardEntry>
  readonly #shardOfCell: ReadonlyMap<number, ShardEntry>

  constructor(table: RoutingTable) {
    this.table = table
    this.#shards = new Map(table.shards.map((s) => [s.shard, s]))
    this.#shardOfCell = new Map(table.cells.map(([cell, shard]) => [cell, this.shard(shard)]))
  }

  /** @throws EZ_NO_ROUTE where the table has no such shard */
  shard(shard: number): ShardEntry {
    const entry = this.#shards.get(shard)
    if (entry === undefined) throw new EzoneError('EZ_NO_ROUTE', `the routing table has no shard ${shard}`)
    return entry
  }

  /** @throws EZ_NO_ROUTE where the table has no such cell */
  shardOf(cell: number): ShardEntry {
    const entry = this.#shardOfCell.get(cell)
    if (entry === undefined)
      throw new EzoneError('EZ_NO_ROUTE', `the routing table (version ${this.table.version}) has no cell ${cell}`)
    return entry
  }
}

import { z } from 'zod'
import { cellMax } from './cells.ts'
import { EzoneError } from './errors.ts'

/** The states a shard passes through when it moves; which follows which stands in shard-states.ts. */
export const shardStates = ['ACTIVE', 'FROZEN', 'DRAINING', 'TAKEOVER'] as const
export type ShardState = (typeof shardStates)[number]

const number = z.int().min(1)

/** A point in a MySQL's own transactions: all up to and including it. */
export const barrierSchema = z.strictObject({ uuid: z.string().min(1), gno: number })
export type Barrier = z.output<typeof barrierSchema>

export const moveModes = ['planned', 'takeover'] as const
export type MoveMode = (typeof moveModes)[number]

const shardMoveSchema = z.strictObject({
  id: z.string().min(1),
  to: z.string().min(1),
  mode: z.enum(moveModes),
  barrier: barrierSchema.optional().describe('What the target must have applied of the source: known once it drains.'),
  expiresAtMs: z.int().describe('After this the move is rolled back; milliseconds since 1970.'),
})

const shardSchema = z.strictObject({
  shard: number.describe('Its number: the division code of China by default, such as 31 for Shanghai.'),
  name: z.string().min(1),
  zone: z.string().min(1).describe('The zone that serves it.'),
  state: z.enum(shardStates),
  epoch: number.describe("The table's version when it was last said who may write it."),
  takenEpoch: number
    .optional()
    .describe(
      'Epoch of its last unplanned takeover, until it is moved on: what others changed under an older one is in conflict.',
    ),
  move: shardMoveSchema.optional().describe('Where it is going, while it is not ACTIVE.'),
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

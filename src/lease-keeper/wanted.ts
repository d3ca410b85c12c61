import type { Barrier, FenceAcks, FenceRow, RoutingTable, ShardEntry } from '@ezone/sdk'

export interface WantedOptions {
  /** The zone whose MySQL holds the rows. */
  readonly zone: string
  /** When the lease of this zone ends; null under policy `available`: never. */
  readonly leaseUntilMs: number | null
}

/** The fence row that says what the table says. */
export const rowOf = (entry: ShardEntry, { leaseUntilMs }: WantedOptions): FenceRow => ({
  shard: entry.shard,
  zone: entry.zone,
  epoch: entry.epoch,
  state: entry.state,
  takenEpoch: entry.takenEpoch ?? 0,
  leaseUntilMs,
})

/**
 * What has to be written so that the rows agree with the table: those that are older than it, and those that were
 * frozen by an earlier life of this keeper, which took the barrier with it. Rows of a newer epoch stay as they are.
 */
export function toWrite(
  table: RoutingTable,
  rows: ReadonlyMap<number, FenceRow>,
  barriers: ReadonlyMap<number, Barrier>,
  options: WantedOptions,
): readonly { readonly row: FenceRow; readonly fromEpoch: number }[] {
  return table.shards.flatMap((entry) => {
    const row = rows.get(entry.shard)
    if (row === undefined || row.epoch > entry.epoch) return []
    if (row.epoch < entry.epoch) return [{ row: rowOf(entry, options), fromEpoch: row.epoch }]
    const lost = entry.state === 'FROZEN' && entry.zone === options.zone && !barriers.has(entry.shard)
    return lost ? [{ row, fromEpoch: row.epoch }] : []
  })
}

/** Shards that drain towards a zone, with what it must have applied. */
export function draining(
  table: RoutingTable,
  zone: string,
): readonly { readonly shard: number; readonly epoch: number; readonly source: string; readonly barrier: Barrier }[] {
  return table.shards.flatMap(({ shard, epoch, state, zone: source, move }) =>
    state === 'DRAINING' && move?.to === zone && move.barrier !== undefined
      ? [{ shard, epoch, source, barrier: move.barrier }]
      : [],
  )
}

export interface Made {
  readonly table: RoutingTable
  readonly rows: ReadonlyMap<number, FenceRow>
  readonly barriers: ReadonlyMap<number, Barrier>
  readonly drained: ReadonlyMap<number, number>
}

/** What the zone can say it has made true. Barriers and drains are of moves that still run: others mean nothing more. */
export function acksOf({ table, rows, barriers, drained }: Made): Omit<FenceAcks, 'atMs'> {
  const moving = new Set(table.shards.filter(({ state }) => state !== 'ACTIVE').map(({ shard }) => shard))
  const of = <T>(values: ReadonlyMap<number, T>) => [...values].filter(([shard]) => moving.has(shard))
  return {
    version: table.version,
    shards: Object.fromEntries([...rows.values()].map(({ shard, epoch, state }) => [shard, { epoch, state }])),
    barrier: Object.fromEntries(of(barriers)),
    drained: Object.fromEntries(of(drained)),
  }
}

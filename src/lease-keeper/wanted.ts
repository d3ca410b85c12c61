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

/** Where the zone's own transactions stood when a row was written, and the epoch it was written under. */
export interface Stopped extends Barrier {
  readonly epoch: number
}

/**
 * What has to be written so that the rows agree with the table: those that are older than it, and those whose barrier is
 * asked for and not known: their epoch was written by an earlier life of this keeper, or by a statement whose answer was
 * lost. A barrier of an older epoch is none: writes came after it. Rows of a newer epoch stay as they are.
 */
export function toWrite(
  table: RoutingTable,
  rows: ReadonlyMap<number, FenceRow>,
  barriers: ReadonlyMap<number, Stopped>,
  options: WantedOptions,
): readonly { readonly row: FenceRow; readonly fromEpoch: number }[] {
  return table.shards.flatMap((entry) => {
    const row = rows.get(entry.shard)
    if (row === undefined || row.epoch > entry.epoch) return []
    if (row.epoch < entry.epoch) return [{ row: rowOf(entry, options), fromEpoch: row.epoch }]
    const lost = asksForBarrier(entry, options.zone) && barriers.get(entry.shard)?.epoch !== entry.epoch
    return lost ? [{ row, fromEpoch: row.epoch }] : []
  })
}

/** Of a shard that is frozen here, and of one that was taken: whoever has it now waits for what was written here. */
function asksForBarrier({ state, zone, takenEpoch }: ShardEntry, own: string): boolean {
  return zone === own ? state === 'FROZEN' : takenEpoch !== undefined
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

/** Shards of this zone that were taken from another one, and are not settled yet: with the epoch they were taken under. */
export function unsettled(
  table: RoutingTable,
  zone: string,
  settled: ReadonlyMap<number, number>,
): readonly { readonly shard: number; readonly takenEpoch: number }[] {
  return table.shards.flatMap(({ shard, zone: owner, takenEpoch }) =>
    owner === zone && takenEpoch !== undefined && settled.get(shard) !== takenEpoch ? [{ shard, takenEpoch }] : [],
  )
}

export interface Made {
  readonly table: RoutingTable
  readonly rows: ReadonlyMap<number, FenceRow>
  readonly barriers: ReadonlyMap<number, Stopped>
  readonly drained: ReadonlyMap<number, number>
  readonly settled: ReadonlyMap<number, number>
}

/** What the zone can say it has made true, of shards that are on their way or were taken: of others it means nothing. */
export function acksOf({ table, rows, barriers, drained, settled }: Made): Omit<FenceAcks, 'atMs'> {
  const told = new Set(
    table.shards.flatMap(({ shard, state, takenEpoch }) =>
      state === 'ACTIVE' && takenEpoch === undefined ? [] : [shard],
    ),
  )
  const of = <T>(values: Iterable<readonly [number, T]>): Record<string, T> =>
    Object.fromEntries([...values].filter(([shard]) => told.has(shard)))
  const stopped = [...barriers].flatMap(([shard, { epoch, uuid, gno }]) =>
    rows.get(shard)?.epoch === epoch ? [[shard, { uuid, gno }] as const] : [],
  )
  return {
    version: table.version,
    shards: Object.fromEntries([...rows.values()].map(({ shard, epoch, state }) => [shard, { epoch, state }])),
    barrier: of(stopped),
    drained: of(drained),
    settled: of(settled),
  }
}

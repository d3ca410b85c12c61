import { type FenceRow, leaseForever, type ShardState } from '../model/index.ts'

/** A fence row as the server sends it: BIGINT as text. */
export interface FenceSql {
  readonly shard: number
  readonly zone: string
  readonly epoch: string
  readonly state: ShardState
  readonly taken_epoch: string
  readonly lease_until_ms: string
}

export const fenceRow = (row: FenceSql): FenceRow => ({
  shard: row.shard,
  zone: row.zone,
  epoch: Number(row.epoch),
  state: row.state,
  takenEpoch: Number(row.taken_epoch),
  leaseUntilMs: row.lease_until_ms === leaseForever ? null : Number(row.lease_until_ms),
})

/** The other way round: values for the columns of `fenceColumns`. */
export const fenceValues = (row: FenceRow): readonly string[] => [
  String(row.shard),
  row.zone,
  String(row.epoch),
  row.state,
  String(row.takenEpoch),
  row.leaseUntilMs === null ? leaseForever : String(row.leaseUntilMs),
]

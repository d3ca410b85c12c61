import type { ErrorCode } from './catalogue.ts'
import { EzoneError } from './errors.ts'
import type { ShardState } from './table.ts'

/** The row in a zone's MySQL that lets the write transactions of one shard through, or not. */
export interface FenceRow {
  readonly shard: number
  /** The zone that serves the shard, as far as this zone's lease-keeper has heard. */
  readonly zone: string
  readonly epoch: number
  readonly state: ShardState
  /** Epoch of the last unplanned takeover of this shard; 0 where there was none. */
  readonly takenEpoch: number
  /** By the clock of the database, milliseconds since the Unix epoch. null: it never ends (policy `available`). */
  readonly leaseUntilMs: number | null
}

/** What a write says of itself: the shard it belongs to, and the epoch of the table it acts under. */
export interface Claim {
  readonly shard: number
  readonly epoch: number
}

const refusals = [
  'EZ_NO_SHARD',
  'EZ_STALE_EPOCH',
  'EZ_WRONG_ZONE_WRITE',
  'EZ_SHARD_FROZEN',
  'EZ_LEASE_EXPIRED',
] as const satisfies readonly ErrorCode[]
export type FenceRefusal = (typeof refusals)[number]

/** True where the shard is not this zone's now, as far as the fence knows: whoever has it does what is to be done. */
export const isFenceRefusal = (error: unknown): boolean =>
  EzoneError.is(error) && (refusals as readonly ErrorCode[]).includes(error.code)

/** `wait`: the fence has not heard yet of the table the claim was made under; it will in a moment. */
export type FenceDecision =
  | { readonly kind: 'through' }
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'refuse'; readonly code: FenceRefusal; readonly why: string }

/**
 * Whether a write may go through. Pure; the database asks the same within the statements of the DAL, under a lock that
 * a freeze has to wait for.
 *
 * A claim from before a freeze of the own shard is told to wait for the new owner, not that it is stale: the router
 * holds it, and need not ask again who owns the shard.
 *
 * @param at.nowMs by the clock of the database that holds the row
 */
export function decideFence(
  row: FenceRow | undefined,
  { shard, epoch }: Claim,
  at: { readonly zone: string; readonly nowMs: number },
): FenceDecision {
  if (row === undefined) return refuse('EZ_NO_SHARD', `zone ${at.zone} knows no shard ${shard}`)
  const owned = `shard ${shard} is ${row.state} in ${row.zone} under epoch ${row.epoch}`
  if (epoch > row.epoch)
    return { kind: 'wait', why: `${owned} as far as zone ${at.zone} has heard; the write names epoch ${epoch}` }
  if (epoch === row.epoch && row.zone !== at.zone)
    return refuse('EZ_WRONG_ZONE_WRITE', `${owned}; refused a write in ${at.zone}`)
  if (row.zone === at.zone && row.state !== 'ACTIVE')
    return refuse('EZ_SHARD_FROZEN', `${owned}; it is being moved, nothing was written`)
  if (epoch < row.epoch) return refuse('EZ_STALE_EPOCH', `${owned}; refused a write under epoch ${epoch}`)
  if (row.leaseUntilMs !== null && row.leaseUntilMs <= at.nowMs)
    return refuse(
      'EZ_LEASE_EXPIRED',
      `the lease of ${at.zone} on shard ${shard} ended ${at.nowMs - row.leaseUntilMs} ms ago`,
    )
  return { kind: 'through' }
}

const refuse = (code: FenceRefusal, why: string): FenceDecision => ({ kind: 'refuse', code, why })

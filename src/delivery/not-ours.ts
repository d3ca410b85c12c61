import { type ErrorCode, EzoneError } from '@ezone/sdk'

/** Refusals that mean: somebody else was first, or the shard is no longer ours. Whoever has it goes on. */
const notOurs: ReadonlySet<ErrorCode> = new Set([
  'EZ_BAD_TRANSITION',
  'EZ_UNKNOWN_ORDER',
  'EZ_UNKNOWN_RIDER',
  'EZ_RIDER_BUSY',
  'EZ_ORDER_LOCKED',
  'EZ_STALE_EPOCH',
  'EZ_WRONG_ZONE_WRITE',
  'EZ_SHARD_FROZEN',
  'EZ_LEASE_EXPIRED',
  'EZ_NO_SHARD',
])

export const isNotOurs = (error: unknown): boolean => EzoneError.is(error) && notOurs.has(error.code)

import { type ErrorCode, EzoneError, isFenceRefusal } from '@ezone/sdk'

/** Refusals that mean: somebody else was first. */
const forestalled: ReadonlySet<ErrorCode> = new Set([
  'EZ_BAD_TRANSITION',
  'EZ_UNKNOWN_ORDER',
  'EZ_UNKNOWN_RIDER',
  'EZ_RIDER_BUSY',
  'EZ_ORDER_LOCKED',
])

/** Somebody else was first, or the shard is no longer ours: whoever has it goes on. */
export const isNotOurs = (error: unknown): boolean =>
  isFenceRefusal(error) || (EzoneError.is(error) && forestalled.has(error.code))

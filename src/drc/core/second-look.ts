import type { Version } from './types.ts'

/**
 * What is not there cannot be locked, so after a batch is written the target looks once more under the keys it inserted:
 * this is the tombstone they have where nobody came between, the one found at first or the one the batch itself has
 * written. Any other means that a row came and went, and the batch is thought through again.
 */
export const graveAfter = (found: Version | undefined, buried: Version | null): Version =>
  buried !== null && buried > (found ?? 0n) ? buried : (found ?? 0n)

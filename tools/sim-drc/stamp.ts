import { packVersion } from '@ezone/sdk/model'

export interface Stamp {
  /** The zone's wall clock when the statement began, microseconds since 1970. */
  readonly nowUs: bigint
  /** The greatest version under this key so far, of a row or of a tombstone; 0n for none. */
  readonly seen: bigint
  /** Number of the zone, 1..15. */
  readonly zone: number
}

/**
 * The version a write gives to its row; what the triggers do in SQL. Greater than everything the writer has seen, also
 * where the clock is behind (a hybrid logical clock: Kulkarni et al. 2014), and equal to no other zone's.
 */
export function stamp({ nowUs, seen, zone }: Stamp): bigint {
  const next = (seen >> 4n) + 1n
  return packVersion({ timeUs: nowUs > next ? nowUs : next, zone })
}

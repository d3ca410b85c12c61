/**
 * The version of a row: when it was written, and in which zone. The greater one wins, in every zone alike.
 *
 *   63                        4 3    0
 *   | microseconds since 1970 | zone |
 *
 * The write itself makes it, in a trigger: the time now, but at least one microsecond more than what the row, or its
 * tombstone, had before. So it never goes back for a row, whatever a clock does, and no two zones make the same one.
 * Microseconds fit until the year 38 000.
 */
export interface VersionParts {
  /** Microseconds since the Unix epoch. */
  readonly timeUs: bigint
  /** 1..15 */
  readonly zone: number
}

export function packVersion({ timeUs, zone }: VersionParts): bigint {
  if (!Number.isInteger(zone) || zone < 1 || zone > 15)
    throw new RangeError(`a version's zone is a whole number 1..15, not ${zone}`)
  if (timeUs < 0n || timeUs >> 60n !== 0n) throw new RangeError(`a version's time has 60 bits, not ${timeUs}`)
  return (timeUs << 4n) | BigInt(zone)
}

/** Milliseconds since the Unix epoch, with microseconds as far as a number holds them. */
export const versionTimeMs = (version: bigint): number => Number(version >> 4n) / 1000

/** The number of the zone that wrote it. */
export const versionZone = (version: bigint): number => Number(version & 0xfn)

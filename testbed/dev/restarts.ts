const [firstMs, longestMs] = [500, 8_000]
const windowMs = 60_000
const restartsMax = 5

/**
 * After how long a program that ended by itself is started again: ever longer, the more often it did so in the last
 * minute; null where it is no use, until something is saved.
 * @param crashedAtMs when it ended, the last time included
 */
export function pauseMs(crashedAtMs: readonly number[], nowMs: number): number | null {
  const lately = crashedAtMs.filter((at) => nowMs - at < windowMs).length
  return lately > restartsMax ? null : Math.min(firstMs * 2 ** (lately - 1), longestMs)
}

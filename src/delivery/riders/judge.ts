import { distanceKm, type Position, type PositionFate } from '@ezone/sdk'

/** Nobody rides that fast: 50 m/s are 180 km/h. */
const speedMetresPerSecondMax = 50
/** How wrong the reading of a position may be, added to every way: a rider that stands still must not seem to jump. */
const readingMetres = 200
/** A rider's clock may be so far ahead of ours; further ahead it would make all that follow look stale. */
export const aheadMsMax = 5_000

/**
 * What becomes of a reported position, given the last that was taken. A first position that was itself wrong heals: the
 * longer the right ones come, the slower the way from it to them is.
 */
export function judgePosition(last: Position | null, next: Position, nowMs: number): PositionFate {
  if (next.atMs > nowMs + aheadMsMax) return 'ahead'
  if (last === null) return 'taken'
  if (next.atMs <= last.atMs) return 'stale'
  const metres = distanceKm(last, next) * 1000
  const possibleMetres = readingMetres + (speedMetresPerSecondMax * (next.atMs - last.atMs)) / 1000
  return metres > possibleMetres ? 'jumping' : 'taken'
}

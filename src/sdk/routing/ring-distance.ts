import { distanceKm, type Point } from '../model/index.ts'

/** A closed line of positions, as GeoJSON has it. */
export type Ring = readonly (readonly [lng: number, lat: number])[]

/**
 * Kilometres from a point to the nearest spot of a ring. The spot is found on a flat map around the point (degrees of
 * longitude shortened by its latitude), its distance is then the great-circle one: exact enough to tell which fence is
 * nearest, within a few hundred kilometres.
 */
export function distanceToRingKm(point: Point, ring: Ring): number {
  const shrink = Math.cos((point.lat * Math.PI) / 180)
  let least = Number.POSITIVE_INFINITY
  let nearest: Point = point
  for (let i = 1; i < ring.length; i++) {
    const [from, to] = [ring[i - 1], ring[i]]
    if (from === undefined || to === undefined) continue
    const [ax, ay] = [(from[0] - point.lng) * shrink, from[1] - point.lat]
    const [dx, dy] = [(to[0] - from[0]) * shrink, to[1] - from[1]]
    const length = dx * dx + dy * dy
    const along = length === 0 ? 0 : Math.max(0, Math.min(1, -(ax * dx + ay * dy) / length))
    const [x, y] = [ax + along * dx, ay + along * dy]
    if (x * x + y * y >= least) continue
    least = x * x + y * y
    nearest = { lng: from[0] + along * (to[0] - from[0]), lat: from[1] + along * (to[1] - from[1]) }
  }
  return least === Number.POSITIVE_INFINITY ? least : distanceKm(point, nearest)
}

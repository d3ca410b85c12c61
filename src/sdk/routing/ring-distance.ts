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
  let nearest: readonly [number, number] | undefined
  let from = ring[0]
  if (from === undefined) return least
  let ax = (from[0] - point.lng) * shrink
  let ay = from[1] - point.lat
  // Plain numbers and one step per position: this loop is what a position at sea costs.
  for (const to of ring) {
    const bx = (to[0] - point.lng) * shrink
    const by = to[1] - point.lat
    const dx = bx - ax
    const dy = by - ay
    const length = dx * dx + dy * dy
    const part = length === 0 ? 0 : -(ax * dx + ay * dy) / length
    const along = part < 0 ? 0 : part > 1 ? 1 : part
    const x = ax + along * dx
    const y = ay + along * dy
    if (x * x + y * y < least) {
      least = x * x + y * y
      nearest = [from[0] + along * (to[0] - from[0]), from[1] + along * (to[1] - from[1])]
    }
    ax = bx
    ay = by
    from = to
  }
  return nearest === undefined ? least : distanceKm(point, { lng: nearest[0], lat: nearest[1] })
}

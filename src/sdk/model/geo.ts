/** A position on the ground: degrees, north and east positive. */
export interface Point {
  readonly lat: number
  readonly lng: number
}

const earthRadiusKm = 6371.0088
const radians = (degrees: number) => (degrees * Math.PI) / 180

/**
 * Great-circle distance on a sphere, kilometres. The haversine form keeps its precision for near points,
 * where the plain arc cosine loses it.
 */
export function distanceKm(a: Point, b: Point): number {
  const lat = Math.sin(radians(b.lat - a.lat) / 2)
  const lng = Math.sin(radians(b.lng - a.lng) / 2)
  const h = lat * lat + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * lng * lng
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(h)))
}

/**
 * `31.23,121.47` -> a point; undefined where that is no position on earth. Decimal notation only, so that one
 * position has no exotic second spelling (`1e1`, `0x1f`).
 */
export function parsePoint(text: string): Point | undefined {
  const [, latText, lngText] =
    /^\s*([+-]?\d{1,3}(?:\.\d{1,12})?)\s*,\s*([+-]?\d{1,3}(?:\.\d{1,12})?)\s*$/.exec(text) ?? []
  if (latText === undefined || lngText === undefined) return undefined
  const [lat, lng] = [Number(latText), Number(lngText)]
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? { lat, lng } : undefined
}

export const pointText = ({ lat, lng }: Point): string => `${lat},${lng}`

/**
 * A direction from the earth's centre. The greater the dot product of two of them, the nearer the points: an exact
 * great-circle order without a single trigonometric call per comparison.
 */
export type UnitVector = readonly [x: number, y: number, z: number]

export function unitVector({ lat, lng }: Point): UnitVector {
  const [phi, lambda] = [radians(lat), radians(lng)]
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)]
}

export const dot = (a: UnitVector, b: UnitVector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

import { distanceKm, type Point } from '@ezone/sdk/model'

/** Through a city, lights and stairs included; what dispatch reckons with, too. */
const kmPerMin = 1 / 3
const kmPerDegree = 111.2

/** A point so far from another. Good enough within a city. */
export function beside({ lat, lng }: Point, northKm: number, eastKm: number): Point {
  return { lat: lat + northKm / kmPerDegree, lng: lng + eastKm / (kmPerDegree * Math.cos((lat * Math.PI) / 180)) }
}

/** How long it takes from here to there, in minutes. */
export const rideMin = (from: Point, to: Point): number => distanceKm(from, to) / kmPerMin

/** Where somebody is who set out so many minutes ago. */
export function onTheWay(from: Point, to: Point, minutes: number): Point {
  const whole = rideMin(from, to)
  const part = whole === 0 ? 1 : Math.min(1, minutes / whole)
  return { lat: from.lat + (to.lat - from.lat) * part, lng: from.lng + (to.lng - from.lng) * part }
}

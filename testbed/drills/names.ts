import type { Blueprint, Link } from '../topology/blueprint.ts'

/** Places that a zone or place stands for. Empty where there is none of that name. */
export function placesOf({ zones, places }: Blueprint, name: string): readonly string[] {
  const zone = zones.find((one) => one.name === name)
  return zone?.idcs ?? places.filter((place) => place.name === name).map((place) => place.name)
}

/** The wires between two zones or places. */
export function linksBetween(blueprint: Blueprint, [a, b]: readonly [string, string]): readonly Link[] {
  const [here, there] = [placesOf(blueprint, a), placesOf(blueprint, b)]
  return blueprint.links.filter(
    ({ between: [x, y] }) => (here.includes(x) && there.includes(y)) || (here.includes(y) && there.includes(x)),
  )
}

/**
 * Servers and services that a target means: `bj/mysql` one of them, `bj/drc` the same where it stands in the place,
 * `drc` every instance of a service in all places.
 */
export function specsOf({ specs, zones }: Blueprint, target: string): readonly string[] {
  const [where, what] = target.includes('/') ? target.split('/', 2) : [null, target]
  const idcs = zones.find((zone) => zone.name === where)?.idcs ?? []
  return specs
    .filter((spec) => spec.kind !== 'toxiproxy')
    .filter((spec) => where === null || spec.place === where || idcs.includes(spec.place))
    .filter((spec) => spec.name === what || (spec.kind === 'service' && spec.service === what))
    .map((spec) => spec.id)
}

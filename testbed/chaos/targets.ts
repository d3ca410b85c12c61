import { EzoneError } from '@ezone/sdk/errors'
import { parseDirection } from '../links/direction.ts'
import type { Direction } from '../links/wanted.ts'
import type { Blueprint, Link, Spec } from '../topology/blueprint.ts'
import type { LinkChange } from './fault.ts'

/** Links that `bj-sh` means: the one of that name, or all between two zones, whichever stands first. @throws EZ_UNKNOWN_LINK */
export function linksAt(target: string, blueprint: Blueprint): readonly Link[] {
  const named = blueprint.links.filter(({ name }) => name === target)
  if (named.length > 0) return named
  const [a, b, more] = target.split('-').map((name) => placesOf(name, blueprint))
  const joins = ({ between: [x, y] }: Link) => (a?.includes(x) && b?.includes(y)) || (a?.includes(y) && b?.includes(x))
  const found = more === undefined ? blueprint.links.filter(joins) : []
  if (found.length > 0) return found
  const names = blueprint.links.map(({ name }) => name).join(', ')
  throw new EzoneError('EZ_UNKNOWN_LINK', `there is no link ${JSON.stringify(target)}; there are ${names}`)
}

/** The same change of every link, one way where a direction is asked for; it names places or zones. @throws EZ_USAGE */
export function changesOf(
  links: readonly Link[],
  text: string | undefined,
  how: LinkChange['how'],
  blueprint: Blueprint,
): { readonly changes: LinkChange[]; readonly direction: Direction | null } {
  if (text === undefined)
    return { changes: links.map(({ name }) => ({ link: name, direction: null, how })), direction: null }
  const direction = parseDirection(text)
  const [from, to] = [placesOf(direction.from, blueprint), placesOf(direction.to, blueprint)]
  const changes = links.map(({ name, between }): LinkChange => {
    const own = { from: between.find((p) => from.includes(p)), to: between.find((p) => to.includes(p)) }
    if (own.from !== undefined && own.to !== undefined && own.from !== own.to)
      return { link: name, direction: { from: own.from, to: own.to }, how }
    const [a, b] = between
    throw new EzoneError('EZ_USAGE', `link ${name} has no direction ${text}; it has ${a}:${b} and ${b}:${a}`)
  })
  return { changes, direction }
}

/** All links that leave a zone or a place: to other zones and to the edge, not those between its own IDCs. */
export function linksAround(target: string, blueprint: Blueprint): readonly Link[] {
  const own = requirePlaces(target, blueprint)
  const leaves = ({ between: [a, b] }: Link) => own.includes(a) !== own.includes(b)
  return blueprint.links.filter(leaves)
}

/** Everything that runs in a zone, or in one place. */
export function specsIn(target: string, blueprint: Blueprint): readonly Spec[] {
  const own = requirePlaces(target, blueprint)
  return blueprint.specs.filter(({ place, kind }) => own.includes(place) && kind !== 'toxiproxy')
}

/**
 * Servers and services that `bj/mysql` means: that spec, or all instances of a service in a zone or place.
 * @throws EZ_UNKNOWN_PLACE, EZ_USAGE
 */
export function specsAt(target: string, blueprint: Blueprint): readonly Spec[] {
  const [where = '', name = '', more] = target.split('/')
  const exact = blueprint.specs.filter(({ id }) => id === target)
  const places = placesOf(where, blueprint)
  const means = (spec: Spec) => spec.name === name || (spec.kind === 'service' && spec.service === name)
  const instances = blueprint.specs.filter((spec) => places.includes(spec.place) && means(spec))
  // `edge/router` is the first of two, and the name of both.
  const found = instances.length > 0 ? instances : exact
  if (found.some(({ kind }) => kind === 'toxiproxy'))
    throw new EzoneError('EZ_USAGE', `${target} is the wire itself, not something on it`, {
      hint: 'To break a link use `ezone chaos --partition LINK`.',
    })
  if (found.length > 0 && more === undefined) return found
  throw new EzoneError('EZ_UNKNOWN_PLACE', `there is no server or service ${JSON.stringify(target)}`, {
    hint: 'Write ZONE/NAME, such as sh/mysql; `ezone ps` lists them.',
  })
}

/** All instances of a service, everywhere or in one zone or place. @throws EZ_UNKNOWN_ZONE, EZ_UNKNOWN_PLACE */
export function instancesAt(service: string, target: string, blueprint: Blueprint): readonly Spec[] {
  const places = target === 'all' ? null : requirePlaces(target, blueprint)
  const found = blueprint.specs.filter(
    (spec) => spec.kind === 'service' && spec.service === service && (places?.includes(spec.place) ?? true),
  )
  if (found.length > 0) return found
  throw new EzoneError('EZ_UNKNOWN_PLACE', `no ${service} runs in ${target}`)
}

function requirePlaces(name: string, blueprint: Blueprint): readonly string[] {
  const places = placesOf(name, blueprint)
  if (places.length > 0) return places
  const names = [...blueprint.zones, ...blueprint.places.filter(({ zone }) => zone === null)].map((one) => one.name)
  throw new EzoneError('EZ_UNKNOWN_ZONE', `there is no zone ${JSON.stringify(name)}; there are ${names.join(', ')}`)
}

/** The places of a zone, or the place of that name. */
const placesOf = (name: string, { zones, places }: Blueprint): readonly string[] =>
  zones.find((zone) => zone.name === name)?.idcs ?? places.filter((place) => place.name === name).map((p) => p.name)

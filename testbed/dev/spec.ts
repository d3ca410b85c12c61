import type { Address } from '@ezone/sdk/model'
import type { Blueprint, ServiceSpec, Zone } from '../topology/blueprint.ts'
import type { Project } from './project.ts'

/**
 * Where a service in development stands. It has no place in the blueprint: it comes and goes while a testbed runs, and
 * what it is told is all that joins it to its zone. In every zone two of it may run for a moment, the old one and the new.
 */
export interface Standing {
  readonly project: Project
  readonly zone: Zone
  /** Which of the services in development it is: 0 up. */
  readonly slot: number
  readonly instance: 1 | 2
}

export const slotsMax = 8
const port = 7_500
/** Far above what the services of the platform have. */
const firstHost = 200
const writers = 32

/** Two of each service in development: an address of their own in the block of the place. */
export function addressOf({ places }: Pick<Blueprint, 'places'>, standing: Standing): Address {
  const place = places.find(({ name }) => name === placeOf(standing.zone))
  return { host: `127.${place?.octet ?? 0}.0.${firstHost + numberOf(standing)}`, port }
}

/** As if the blueprint had it: what it is told is made from this. */
export function specOf(standing: Standing, address: Address): ServiceSpec {
  const { project, zone, instance } = standing
  const place = placeOf(zone)
  return {
    id: markOf(project.name, place, instance),
    name: project.name,
    service: project.name,
    instance,
    place,
    zone: zone.name,
    on: 'host',
    kind: 'service',
    ports: [{ name: 'http', protocol: 'http', host: address, inside: address, reach: 'local', only: null }],
    needs: [],
    entry: '',
    // From above: whoever is of the platform counts from below. Ids of the business are made under leased numbers.
    writer: writers - 1 - numberOf(standing),
    stores: project.stores,
    account: 'app',
    far: [],
    peers: ['gzs', 'soa-proxy'],
  }
}

/** A zone's stores, and with them what is developed for it, stand in its first IDC. */
export const placeOf = ({ name, idcs }: Zone): string => idcs[0] ?? name

const numberOf = ({ slot, instance }: Standing) => slot * 2 + instance - 1

const kind = 'dev:'

/** The mark of its processes. Without a slash: it is nothing of the blueprint, so no plan touches it. */
const markOf = (name: string, place: string, instance: number) => `${kind}${name}@${place}.${instance}`

/** What a mark says; undefined for one of another kind. */
export function readMark(mark: string): { name: string; place: string; instance: number } | undefined {
  const [, name, place, instance] = /^dev:([^@]+)@([^.]+)[.](\d)$/.exec(mark) ?? []
  if (name === undefined || place === undefined) return undefined
  return { name, place, instance: Number(instance) }
}

import type { Address } from '@ezone/sdk/model'
import { type Blueprint, portOf, type Spec } from '../../topology/blueprint.ts'

/** Where a container stands: in the network of its place; a link in the networks of both its places. */
export interface Standing {
  readonly place: string
  /** Its fixed address there; null where nobody dials it and the engine may choose. */
  readonly address: string | null
}

/** The first one is the container's main network. */
export function standingsOf(blueprint: Pick<Blueprint, 'links'>, spec: Spec): readonly [Standing, ...Standing[]] {
  if (spec.kind !== 'toxiproxy') return [{ place: spec.place, address: spec.ports[0]?.inside.host ?? null }]
  const link = blueprint.links.find((l) => l.name === spec.link)
  if (link === undefined) throw new TypeError(`${spec.id} belongs to link ${spec.link}, which is not in the blueprint`)
  const listening = (place: string): Standing => ({
    place,
    address: link.proxies.find((p) => p.side === 'inside' && p.from === place)?.listen.host ?? null,
  })
  const [a, b] = link.between.map(listening) as [Standing, Standing]
  return a.address === null ? [b, a] : [a, b]
}

/**
 * The address a program in the container binds for a door: its own. A link binds all of its two, because the engine does
 * not say through which of them it will publish the control port.
 */
export function bindAddress(blueprint: Pick<Blueprint, 'links'>, spec: Spec, name: string): Address {
  const port = portOf(spec, name)
  if (port === undefined) throw new TypeError(`${spec.id} has no port ${name}`)
  const [{ address }] = standingsOf(blueprint, spec)
  if (address === null) throw new TypeError(`${spec.id} has no address in any network`)
  return { host: spec.kind === 'toxiproxy' ? '0.0.0.0' : address, port: port.inside.port }
}

import type { Address } from '@ezone/sdk/model'
import type { Blueprint } from '../topology/blueprint.ts'

/**
 * Which place an address stands in. Real doors stand in the place of their server; the listener of a link stands in the
 * place whose programs dial it. Both are looked up as they are in the blueprint, so it works without blocks too; where
 * places have blocks, every other address of a block belongs to its place as well.
 *
 *   127.20.0.1:3306    real door of sh                  -> sh
 *   127.10.20.1:3306   bj's listener of link bj-sh      -> bj
 *   127.20.0.99:4000   something of sh nobody planned   -> sh
 *   198.18.20.1:40000  somewhere in sh's network        -> sh
 */
export class AddressGround {
  readonly #exact: ReadonlyMap<string, string>
  readonly #controls: ReadonlySet<string>
  readonly #blocks: ReadonlyMap<string, string>
  readonly #links: ReadonlyMap<string, readonly string[]>

  constructor({ specs, links, places }: Blueprint) {
    const doors = specs.flatMap((spec) => spec.ports.map((port) => ({ spec, addresses: [port.host, port.inside] })))
    const own = doors.flatMap(({ spec, addresses }) => addresses.map((address) => [text(address), spec] as const))
    const listeners = links.flatMap((link) => link.proxies).map((proxy) => [text(proxy.listen), proxy.from] as const)
    this.#exact = new Map([
      ...own.filter(([, spec]) => spec.kind !== 'toxiproxy').map(([address, spec]) => [address, spec.place] as const),
      ...listeners,
    ])
    this.#controls = new Set(own.filter(([, spec]) => spec.kind === 'toxiproxy').map(([address]) => address))
    // Without blocks all places share 127.0.0.1, and an address nobody planned tells nothing.
    const hasBlocks = !doors.some(({ addresses }) => addresses.some((address) => address.host === '127.0.0.1'))
    const host = hasBlocks ? places.map(({ octet, name }) => [`127.${octet}.`, name] as const) : []
    this.#blocks = new Map([...host, ...places.map(({ octet, name }) => [`198.18.${octet}.`, name] as const)])
    this.#links = new Map(links.map((link) => [link.name, link.between]))
  }

  /** null for an address outside the testbed, and for the control port of a link, which stands in no place. */
  placeOf(address: Address): string | null {
    if (this.#controls.has(text(address))) return null
    const exact = this.#exact.get(text(address))
    if (exact !== undefined) return exact
    for (const [prefix, place] of this.#blocks) if (address.host.startsWith(prefix)) return place
    return null
  }

  /** Who stands in a place dials within it; a Toxiproxy dials in both places of its link. */
  mayDial(owner: string, place: string): boolean {
    return this.#links.get(owner)?.includes(place) ?? owner === place
  }
}

const text = ({ host, port }: Address) => `${host}:${port}`

import type { Address } from '@ezone/sdk/model'

/**
 * Which address every door of a testbed has. Two ways:
 *
 *   blocks  127.<place>.0.<n>:port          the real door, a standard port on an address of the place's own
 *           127.<from>.<to>.<n>:port        the same door as seen from another place: the link's listener
 *   ports   127.0.0.1:<base + i>            for systems without 127.0.0.0/8
 *
 * Between containers: 198.18.<place>.<n + 10>, and .<200 + link> for the link's container.
 * 198.18.0.0/15 is set aside for network tests (RFC 2544), so it meets no office network or VPN.
 */
export type AddressMode = 'blocks' | 'ports'

/** Last octet of a spec's address, so that the same server has the same one in every place. */
const hostNumbers: Readonly<Record<string, number>> = {
  mysql: 1,
  redis: 2,
  zookeeper: 3,
  kafka: 4,
  'mysql-global': 5,
  'zookeeper-global': 6,
}
const firstService = 20

export class AddressPlan {
  readonly #mode: AddressMode
  readonly #octets: ReadonlyMap<string, number>
  readonly #portBase: number
  readonly #services: readonly string[]
  readonly #handedOut = new Map<string, number>()

  /** @param options.services names of all services, in a stable order. */
  constructor(options: {
    mode: AddressMode
    octets: ReadonlyMap<string, number>
    portBase: number
    services: readonly string[]
  }) {
    this.#mode = options.mode
    this.#octets = options.octets
    this.#portBase = options.portBase
    this.#services = options.services
  }

  /** The door itself, for programs of its own place. */
  real(place: string, spec: string, port: number): Address {
    if (this.#mode === 'ports') return this.#numbered(`${place}/${spec}:${port}`)
    return { host: `127.${this.#octet(place)}.0.${this.#hostNumber(spec)}`, port }
  }

  /**
   * The link's listener in `from` for a door of `to`. Named by the door's name, since in ports mode the number of the
   * door itself is another one than its standard port, and both must lead to the same listener.
   */
  foreign(from: string, to: string, spec: string, door: { readonly name: string; readonly port: number }): Address {
    if (this.#mode === 'ports') return this.#numbered(`${from}>${to}/${spec}.${door.name}`)
    return { host: `127.${this.#octet(from)}.${this.#octet(to)}.${this.#hostNumber(spec)}`, port: door.port }
  }

  /** Where a link's Toxiproxy is controlled. */
  control(place: string, link: number, side: 'host' | 'inside'): Address {
    const number = link * 2 + (side === 'host' ? 1 : 2)
    if (this.#mode === 'ports') return this.#numbered(`control ${number}`)
    return { host: `127.${this.#octet(place)}.255.${number}`, port: 8474 }
  }

  /** A container's address in the network of its place. */
  container(place: string, spec: string, port: number): Address {
    return { host: `198.18.${this.#octet(place)}.${10 + this.#hostNumber(spec)}`, port }
  }

  /** The link container's address in the network of `from`. */
  containerLink(from: string, link: number, port: number): Address {
    return { host: `198.18.${this.#octet(from)}.${200 + link}`, port }
  }

  #octet(place: string): number {
    const octet = this.#octets.get(place)
    if (octet === undefined) throw new TypeError(`no address block was given to place ${place}`)
    return octet
  }

  #hostNumber(spec: string): number {
    const store = hostNumbers[spec]
    if (store !== undefined) return store
    const service = this.#services.indexOf(spec)
    if (service < 0) throw new TypeError(`no address number is set for ${spec}`)
    return firstService + service
  }

  /** Ports mode: the next free number, the same for the same door each time the same topology is expanded. */
  #numbered(door: string): Address {
    const index = this.#handedOut.get(door) ?? this.#handedOut.size
    this.#handedOut.set(door, index)
    return { host: '127.0.0.1', port: this.#portBase + index }
  }
}

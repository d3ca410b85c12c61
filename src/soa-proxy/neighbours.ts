import { setTimeout as sleep } from 'node:timers/promises'
import {
  EzoneError,
  type ServiceClass,
  type ServiceContext,
  type ServicesAnswer,
  servicesAnswerSchema,
} from '@ezone/sdk'
import { Upstream } from '../wire/upstream.ts'

const askEveryMs = 2_000
const askMs = 800

interface Neighbour {
  readonly zone: string
  readonly upstream: Upstream
  /** What it told last, undefined where it never did; what it told stays true while it cannot be asked. */
  services: ServicesAnswer['services'] | undefined
}

/**
 * The SOA proxies of other places: the only way to an instance of another zone. Each is asked every now and then which
 * services its zone has: so a service that lives in one zone alone is found from every other.
 */
export class Neighbours implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #zones: readonly Neighbour[]
  /** Other IDCs of this zone, by place. */
  readonly #places: ReadonlyMap<string, Upstream>
  #asking: Promise<void> | undefined

  constructor(context: ServiceContext) {
    this.#context = context
    const { zone, place, peers } = context.config
    const others = (peers['soa-proxy'] ?? []).filter((peer) => peer.place !== place)
    const perZone = Map.groupBy(
      others.filter((peer) => peer.zone !== zone),
      (peer) => peer.zone ?? '',
    )
    this.#zones = [...perZone].map(([name, addresses]) => ({
      zone: name,
      upstream: new Upstream(`zone ${name}`, addresses),
      services: undefined,
    }))
    this.#places = new Map(
      others
        .filter((peer) => peer.zone === zone)
        .map((peer) => [peer.place, new Upstream(`IDC ${peer.place}`, [peer])]),
    )
    void this.#keepAsking()
  }

  /** The SOA proxies of another zone. @throws EZ_ZONE_UNREACHABLE where none is known */
  ofZone(zone: string): Upstream {
    const found = this.#zones.find((one) => one.zone === zone)?.upstream
    if (found === undefined) throw new EzoneError('EZ_ZONE_UNREACHABLE', `no SOA proxy of zone ${zone} is known`)
    return found
  }

  /** The SOA proxy of another IDC of this zone. */
  ofPlace(place: string): Upstream | undefined {
    return this.#places.get(place)
  }

  /**
   * A zone that has a service this one has not.
   * @throws EZ_UNKNOWN_SERVICE where no zone has it, EZ_NO_INSTANCE where one that might could never be asked
   */
  async find(service: string): Promise<{ readonly zone: string; readonly class: ServiceClass }> {
    const found = this.#told(service)
    if (found !== undefined) return found
    await this.#ask()
    const late = this.#told(service)
    if (late !== undefined) return late
    const silent = this.#zones.filter(({ services }) => services === undefined).map(({ zone }) => zone)
    if (silent.length > 0)
      throw new EzoneError('EZ_NO_INSTANCE', `${service} is not in this zone, and ${silent.join(', ')} does not answer`)
    throw new EzoneError('EZ_UNKNOWN_SERVICE', `no zone has a service ${service}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#zones.map(({ upstream }) => upstream), ...this.#places.values()]
    await Promise.all(all.map((upstream) => upstream[Symbol.asyncDispose]()))
  }

  #told(service: string): { readonly zone: string; readonly class: ServiceClass } | undefined {
    for (const { zone, services } of this.#zones) {
      const told = services?.[service]
      if (told !== undefined) return { zone, class: told.class }
    }
    return undefined
  }

  async #keepAsking(): Promise<void> {
    const { signal } = this.#context
    while (!signal.aborted) {
      await this.#ask()
      await sleep(askEveryMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  /** However many want to know, they are asked once. */
  #ask(): Promise<void> {
    const all = () => Promise.all(this.#zones.map((neighbour) => this.#askOne(neighbour)))
    this.#asking ??= all().then(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #askOne(neighbour: Neighbour): Promise<void> {
    const signal = AbortSignal.any([this.#context.signal, AbortSignal.timeout(askMs)])
    const request = { method: 'GET', path: '/services', headers: {}, body: null, repeatable: true, signal }
    try {
      const { status, body } = await neighbour.upstream.send(request)
      if (status === 200) neighbour.services = servicesAnswerSchema.parse(JSON.parse(body.toString())).services
    } catch (err) {
      if (!signal.aborted) this.#context.log.debug({ err, zone: neighbour.zone }, 'a SOA proxy did not answer')
    }
  }
}

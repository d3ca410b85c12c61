import { type Clock, EzoneError, type ServiceClass, type ServiceConfig, type ServicesAnswer } from '@ezone/sdk'
import { type NodeWatch, type ServiceInstance, watchServices, type Zookeeper } from '@ezone/sdk/zookeeper'
import { Upstream } from '../wire/upstream.ts'

/** An entry goes with its session, which cannot be renewed while ZooKeeper is away, though the instance lives. */
const staleMs = 60_000

interface Known {
  readonly class: ServiceClass
  /** Places of this zone that have instances; none where all have gone. */
  readonly places: readonly string[]
  readonly count: number
  /** When the last of them went, on the monotonic clock. */
  readonly goneAtMs?: number
}

export interface RegistryContext {
  readonly config: Pick<ServiceConfig, 'zone' | 'place'>
  readonly clock: Clock
  readonly log: { warn(what: object, text: string): void }
}

/**
 * The services of this zone, as its ZooKeeper has them. When that is away, or has lost them all at once with their
 * sessions, the last ones known are called on for a while: whether they live, they say themselves.
 */
export class Registry implements AsyncDisposable {
  readonly #zone: string | null
  readonly #place: string
  readonly #clock: Clock
  readonly #watch: NodeWatch
  #services: ReadonlyMap<string, Known> = new Map()
  /** Instances in this place, dialled directly. */
  readonly #here = new Map<string, Upstream>()
  #told = false

  constructor(zookeeper: Zookeeper, { config, clock, log }: RegistryContext) {
    this.#zone = config.zone
    this.#place = config.place
    this.#clock = clock
    const onError = (err: unknown) => log.warn({ err }, 'the services of the zone could not be read')
    this.#watch = watchServices(zookeeper, (services) => this.#update(services), { onError })
  }

  /** @throws EZ_NOT_READY where the zone's ZooKeeper never told its services */
  assertTold(): void {
    if (!this.#told) throw new EzoneError('EZ_NOT_READY', 'the ZooKeeper of the zone has not told its services yet')
  }

  /** Undefined where this zone has, and lately had, no such service. */
  classOf(service: string): ServiceClass | undefined {
    return this.#find(service)?.class
  }

  /** Who answers a call in this zone: an instance of this place, else the SOA proxy of a place that has one. */
  find(service: string): { readonly here: Upstream } | { readonly place: string } | undefined {
    const known = this.#find(service)
    if (known === undefined) return undefined
    const here = this.#here.get(service)
    const [elsewhere] = known.places.filter((place) => place !== this.#place)
    if (elsewhere !== undefined && !known.places.includes(this.#place)) return { place: elsewhere }
    return here && { here }
  }

  services(): ServicesAnswer['services'] {
    return Object.fromEntries(
      [...this.#services.keys()].flatMap((name) => {
        const known = this.#find(name)
        return known === undefined ? [] : [[name, { class: known.class, instances: known.count }]]
      }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]()
    await Promise.all([...this.#here.values()].map((upstream) => upstream[Symbol.asyncDispose]()))
  }

  #find(service: string): Known | undefined {
    const known = this.#services.get(service)
    const goneMs = this.#clock.monotonicMs() - (known?.goneAtMs ?? Number.POSITIVE_INFINITY)
    return goneMs > staleMs ? undefined : known
  }

  #update(told: ReadonlyMap<string, readonly ServiceInstance[]>): void {
    this.#told = true
    const nowMs = this.#clock.monotonicMs()
    const next = new Map<string, Known>()
    for (const [name, instances] of told) {
      // Whatever says that it is of another zone has no business in this ZooKeeper, and is never called.
      const own = instances.filter(({ zone }) => zone === this.#zone)
      const [first] = own
      if (first === undefined) continue
      next.set(name, { class: first.class, places: [...new Set(own.map(({ place }) => place))], count: own.length })
      this.#dial(
        name,
        own.filter(({ place }) => place === this.#place),
      )
    }
    for (const [name, known] of this.#services)
      if (!next.has(name)) next.set(name, { ...known, count: 0, goneAtMs: known.goneAtMs ?? nowMs })
    this.#services = next
  }

  /** Where none is left here, the last addresses stay: they serve while nothing better is known. */
  #dial(name: string, here: readonly ServiceInstance[]): void {
    if (here.length === 0) return
    const upstream = this.#here.get(name) ?? new Upstream(`${name} of zone ${this.#zone}`, [])
    upstream.serveFrom(here)
    this.#here.set(name, upstream)
  }
}

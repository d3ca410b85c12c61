import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { EzoneError } from '@ezone/sdk/errors'
import type { Address } from '@ezone/sdk/model'
import { type NodeWatch, Registration, type ServiceInstance, watchServices, Zookeeper } from '@ezone/sdk/zookeeper'
import type { Testbed } from '../session/testbed.ts'
import { portOf } from '../topology/blueprint.ts'
import type { Project } from './project.ts'
import { placeOf, type Standing } from './spec.ts'

const lookEveryMs = 20
const registerMs = 10_000

/**
 * The register of a zone: what its SOA proxies find. Dialled directly, as by everything that stands beside the testbed
 * and not in it.
 */
export class ZoneRegister implements AsyncDisposable {
  readonly #zone: string
  readonly #zookeeper: Zookeeper
  readonly #watch: NodeWatch
  #services: ReadonlyMap<string, readonly ServiceInstance[]> = new Map()

  constructor({ blueprint }: Pick<Testbed, 'blueprint'>, zone: string) {
    const spec = blueprint.specs.find((one) => one.kind === 'zookeeper' && one.ensemble === null && one.zone === zone)
    const door = spec && portOf(spec, 'client')?.host
    if (door === undefined) throw new TypeError(`zone ${zone} has no ZooKeeper`)
    this.#zone = zone
    this.#zookeeper = Zookeeper.connect({ servers: [door], clock: systemClock })
    this.#watch = watchServices(this.#zookeeper, (services) => {
      this.#services = services
    })
  }

  /**
   * Resolves when it is known where the service serves: registered here, to be taken back by disposing; or, where it does
   * so itself, as soon as it has. @throws EZ_NOT_READY
   */
  async known(standing: Standing, address: Address, signal: AbortSignal): Promise<AsyncDisposable | null> {
    const { project } = standing
    const limit = AbortSignal.any([signal, AbortSignal.timeout(registerMs)])
    try {
      return project.registers
        ? await this.#untilSeen(project, address, limit)
        : await this.#entered(standing, address, limit)
    } catch (cause) {
      signal.throwIfAborted()
      throw new EzoneError('EZ_NOT_READY', this.#unknown(project), {
        cause,
        hint: 'A service calls registerService of @ezone/sdk/zookeeper; with "registers": false `ezone dev` does it.',
      })
    }
  }

  /** How the service says that it takes part; undefined where it is not there. */
  classOf(name: string): ServiceInstance['class'] | undefined {
    return this.#services.get(name)?.[0]?.class
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]()
    await this.#zookeeper[Symbol.asyncDispose]()
  }

  #unknown({ name, registers }: Project): string {
    const did = registers ? 'has not registered itself' : 'could not be registered'
    return `${name} serves, but ${did} in the ZooKeeper of ${this.#zone} within ${registerMs / 1000} s`
  }

  async #entered(
    { project, zone, instance }: Standing,
    address: Address,
    signal: AbortSignal,
  ): Promise<AsyncDisposable> {
    const place = placeOf(zone)
    const data = { ...address, zone: zone.name, place, class: project.class }
    const entry = new Registration(this.#zookeeper, { service: project.name, place, instance, data })
    try {
      await entry.current(signal)
      return entry
    } catch (error) {
      await entry[Symbol.asyncDispose]()
      throw error
    }
  }

  async #untilSeen({ name }: Project, { host, port }: Address, signal: AbortSignal): Promise<null> {
    const seen = () => this.#services.get(name)?.some((one) => one.host === host && one.port === port) === true
    while (!seen()) await sleep(lookEveryMs, undefined, { signal })
    return null
  }
}

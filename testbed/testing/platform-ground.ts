import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@ezone/sdk/clock'
import type { Address, ServiceConfig } from '@ezone/sdk/model'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { type LinkDriver, linkDrivers } from '../links/driver.ts'
import { serviceConfig } from '../session/service-launch.ts'
import type { ServerSpec } from '../stores/registry.ts'
import { marks } from '../surroundings/processes.ts'
import { portOf, type ServiceSpec } from '../topology/blueprint.ts'
import { readManifests } from '../topology/manifests.ts'
import { dealShards, readShardShares } from '../topology/shards.ts'
import { TestGround } from './ground.ts'
import { programReady, type RunningProgram, runProgram } from './running-program.ts'

export type { RunningProgram } from './running-program.ts'

export interface PlatformOptions {
  /** True: every wire between places is a real Toxiproxy with its delay. Else all doors are dialled directly. */
  readonly links?: boolean
  /** More of ezone.yaml: `policy`, `globalZone`, `zones` with several IDCs … By default one zone per place but `edge`. */
  readonly topology?: object
}

/** What an order needs from client to row; those of them that exist. */
const orderPath = ['gzs', 'lease-keeper', 'router', 'orders']

/**
 * The platform on real stores, in parts: any set of services, by their manifests, with exactly the stores they use.
 * Places and their octets are the test's own; the edge's comes with the name `edge`.
 *
 *   await using platform = await PlatformGround.make({ bj: 75, sh: 76, edge: 77 })
 *   await platform.startAll(['gzs', 'router', 'orders'])
 *   await platform.start('bj', 'drc', { instance: 2 })
 */
export class PlatformGround implements AsyncDisposable {
  readonly ground: TestGround
  readonly #links: ReadonlyMap<string, LinkDriver>
  readonly #stores = new Map<string, Promise<number>>()
  readonly #programs = new Map<string, RunningProgram>()

  private constructor(ground: TestGround, links: ReadonlyMap<string, LinkDriver>) {
    this.ground = ground
    this.#links = links
  }

  static async make(
    octets: Readonly<Record<string, number>>,
    { links = false, topology = {} }: PlatformOptions = {},
  ): Promise<PlatformGround> {
    const zones = Object.keys(octets).filter((place) => place !== 'edge')
    const ground = await TestGround.make({
      octets,
      topology: { zones: zones.map((name) => ({ name })), ...topology },
      manifests: await readManifests(),
      shardsOf: async (names) => dealShards(await readShardShares(), names),
      direct: !links,
    })
    const platform = new PlatformGround(
      ground,
      links ? linkDrivers(ground.blueprint, { clock: systemClock }) : new Map(),
    )
    if (links) await platform.#raiseLinks()
    return platform
  }

  get zones(): readonly string[] {
    return this.ground.blueprint.zones.map(({ name }) => name)
  }

  /** The wire between two places, to `cut` and `join`. Only where the ground was made with links. */
  link(name: string): LinkDriver {
    const driver = this.#links.get(name)
    if (driver === undefined) throw new TypeError(`there is no link ${name}`)
    return driver
  }

  mysql(zone: string) {
    const spec = this.ground.blueprint.specs.find((s) => s.zone === zone && s.name === 'mysql')
    if (spec?.kind !== 'mysql') throw new TypeError(`there is no zone ${zone}`)
    return spec
  }

  /** Starts stores by id, such as `bj/kafka`, and waits until they serve; those that run already are left alone. */
  async startStores(...ids: readonly string[]): Promise<void> {
    const start = (id: string) => {
      const running = this.#stores.get(id) ?? this.ground.start(this.#server(id))
      this.#stores.set(id, running)
      return running
    }
    await Promise.all([...new Set(ids)].map(start))
  }

  /** SIGTERM, or SIGKILL, to a store and no new start. */
  async stopStore(id: string, how: 'stop' | 'kill' = 'stop'): Promise<void> {
    this.#stores.delete(id)
    await this.ground[how](this.#server(id))
  }

  /**
   * Services in every place they run, all instances, with the stores they use, ready. By default what an order needs.
   */
  async startAll(services: readonly string[] = orderPath): Promise<void> {
    const wanted = this.#services().filter((spec) => services.includes(spec.service))
    await this.startStores(...wanted.flatMap((spec) => this.storesOf(spec)))
    await Promise.all(wanted.map((spec) => this.start(spec.place, spec.service, { instance: spec.instance })))
  }

  /** Ids of the stores a service uses, also those of other zones. */
  storesOf({ zone, stores, far }: ServiceSpec): readonly string[] {
    const uses = (name: string, at: string | null) =>
      (name === 'zookeeper-global' && stores.includes('ensemble')) ||
      (name === 'mysql-global' && stores.includes('global')) ||
      (at === zone ? stores : far).some((store) => store === name)
    return this.ground.blueprint.specs
      .filter((spec) => spec.kind !== 'service' && spec.kind !== 'toxiproxy' && uses(spec.name, spec.zone))
      .map((spec) => spec.id)
  }

  program(place: string, service: string, instance = 1): RunningProgram {
    const { id } = this.#service(place, service, instance)
    const program = this.#programs.get(id)
    if (program === undefined) throw new TypeError(`${id} was not started`)
    return program
  }

  /** Starts a service and waits until it can serve. Its stores are not started: `startStores`, `startAll`. */
  async start(place: string, service: string, changes: Partial<ServiceConfig> = {}): Promise<RunningProgram> {
    const program = await this.launch(place, service, changes)
    await programReady(program)
    return program
  }

  /** Starts a service and waits for nothing. With a state folder of its own it is another one beside the first. */
  async launch(place: string, service: string, changes: Partial<ServiceConfig> = {}): Promise<RunningProgram> {
    const spec = this.#service(place, service, changes.instance)
    const config = { ...(await this.config(place, service, changes.instance)), ...changes }
    await mkdir(config.stateDir, { recursive: true })
    const configFile = join(config.stateDir, 'config.json')
    await writeFile(configFile, JSON.stringify(config), { mode: 0o600 })
    const env = { [marks.testbed]: this.ground.blueprint.id, [marks.spec]: spec.id, [marks.place]: place }
    const program = runProgram({ entry: `${spec.entry}.ts`, configFile, address: config.listen, env })
    this.#programs.set(`${spec.id}${changes.stateDir ?? ''}`, program)
    return program
  }

  /** What a service is told when it starts, as `ezone up` would tell it. */
  async config(place: string, service: string, instance = 1): Promise<ServiceConfig> {
    const spec = this.#service(place, service, instance)
    const site = { bind: () => doorOf(spec), dataDir: this.ground.dataDir(spec) }
    return serviceConfig(spec, site, this.ground.blueprint, this.ground.credentials)
  }

  addressOf(place: string, service: string, instance = 1): Address {
    return doorOf(this.#service(place, service, instance))
  }

  /** Asks a zone's MySQL itself as root, beside the platform; the zone's own or the one of the Global Zone. */
  async query(zone: string, sql: string, store: 'mysql' | 'mysql-global' = 'mysql'): Promise<readonly RowDataPacket[]> {
    const { root } = this.ground.credentials.mysql
    const spec = this.ground.blueprint.specs.find((s) => s.zone === zone && s.name === store)
    const door = { ...spec?.ports[0]?.host, ...root }
    const connection = await createConnection({ ...door, supportBigNumbers: true, bigNumberStrings: true })
    try {
      const [rows] = await connection.query<RowDataPacket[]>(sql)
      return rows
    } finally {
      await connection.end()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#programs.values()].map((program) => program.kill()))
    await this.ground[Symbol.asyncDispose]()
  }

  #services = () => this.ground.blueprint.specs.filter((spec) => spec.kind === 'service')

  #service(place: string, service: string, instance = 1): ServiceSpec {
    const fits = (spec: ServiceSpec) => spec.place === place && spec.service === service && spec.instance === instance
    const spec = this.#services().find(fits)
    if (spec === undefined) throw new TypeError(`${service} number ${instance} does not run in ${place}`)
    return spec
  }

  #server(id: string): ServerSpec {
    const spec = this.ground.blueprint.specs.find((s) => s.id === id)
    if (spec === undefined || spec.kind === 'service') throw new TypeError(`there is no store ${id}`)
    return spec
  }

  async #raiseLinks(): Promise<void> {
    const { links } = this.ground.blueprint
    await this.startStores(...links.flatMap((link) => link.controllers))
    const signal = AbortSignal.timeout(30_000)
    await Promise.all([...this.#links.values()].map((driver) => driver.raise(signal)))
  }
}

function doorOf(spec: ServiceSpec): Address {
  const door = portOf(spec, 'http')
  if (door === undefined) throw new TypeError(`${spec.id} has no door`)
  return door.host
}

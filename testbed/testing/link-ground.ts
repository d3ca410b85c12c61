import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { type LinkDriver, type LinkDriverOptions, linkDrivers } from '../links/driver.ts'
import { commandOf } from '../servers/home.ts'
import { provide } from '../servers/provide.ts'
import { folders } from '../surroundings/folders.ts'
import { marks } from '../surroundings/processes.ts'
import type { Blueprint, Link, LinkProxy, Place, Protocol, Spec, ToxiproxySpec } from '../topology/blueprint.ts'

export interface GroundDoor {
  readonly place: string
  readonly name: string
  readonly protocol: Protocol
  readonly port: number
}

export interface GroundOptions {
  readonly places: Readonly<Record<string, number>>
  readonly rttMs: number
  readonly doors: readonly GroundDoor[]
}

/** The blueprint of a small testbed: places, doors, and a link between every two places, as `expand` lays them out. */
export function groundBlueprint({ places: octets, rttMs, doors }: GroundOptions): Blueprint {
  const places: Place[] = Object.entries(octets).map(([name, octet]) => ({ name, kind: 'idc', zone: name, octet }))
  const specs = doors.map((door, index) =>
    specOf(door, { host: `127.${octets[door.place]}.0.${index + 1}`, port: door.port }),
  )
  const pairs = places.flatMap((a, i) => places.slice(i + 1).map((b) => [a, b] as const))
  const links = pairs.map(([a, b]): Link => {
    const name = `${a.name}-${b.name}`
    return {
      name,
      between: [a.name, b.name],
      rttMs,
      controllers: [`${name}/toxiproxy`],
      proxies: [...proxiesOf(a, b, specs), ...proxiesOf(b, a, specs)],
    }
  })
  const controllers = pairs.map(([a, b], index): ToxiproxySpec => {
    const address = { host: `127.${a.octet}.255.${index * 2 + 1}`, port: 8474 }
    const link = `${a.name}-${b.name}`
    const id = `${link}/toxiproxy`
    const port = {
      name: 'control',
      protocol: 'control',
      host: address,
      inside: address,
      reach: 'local',
      only: null,
    } as const
    return {
      id,
      name: 'toxiproxy',
      place: link,
      zone: null,
      on: 'host',
      kind: 'toxiproxy',
      link,
      side: 'host',
      ports: [port],
      needs: [],
    }
  })
  return {
    name: 'ground',
    id: `ground-${process.pid}`,
    runtime: 'process',
    zones: places.map(({ name }, index) => ({ name, number: index + 1, idcs: [name] })),
    places,
    specs: [...controllers, ...specs],
    links,
    policy: 'available',
    globalMaster: places[0]?.name ?? '',
    shards: {},
    sabotage: [],
  }
}

function specOf(door: GroundDoor, address: { host: string; port: number }): Spec {
  const port = {
    name: 'client',
    protocol: door.protocol,
    host: address,
    inside: address,
    reach: 'everywhere',
    only: null,
  } as const
  return {
    id: `${door.place}/${door.name}`,
    name: door.name,
    place: door.place,
    zone: door.place,
    on: 'host',
    kind: 'redis',
    ports: [port],
    needs: [],
  }
}

function proxiesOf(from: Place, to: Place, specs: readonly Spec[]): LinkProxy[] {
  return specs
    .filter((spec) => spec.place === to.name)
    .flatMap((spec) =>
      spec.ports.map((port) => {
        const number = port.host.host.split('.')[3]
        return {
          name: `${from.name}>${to.name}.${spec.name}.${port.name}`,
          from: from.name,
          to: to.name,
          target: spec.id,
          port: port.name,
          protocol: port.protocol,
          side: 'host' as const,
          listen: { host: `127.${from.octet}.${to.octet}.${number}`, port: port.host.port },
          upstream: port.host,
        }
      }),
    )
}

/** Real Toxiproxies for every link of a blueprint, and their drivers. Nothing is raised yet. */
export class LinkGround implements AsyncDisposable {
  readonly blueprint: Blueprint
  readonly drivers: ReadonlyMap<string, LinkDriver>
  readonly #command: readonly [string, ...string[]]
  readonly #running = new Map<string, ChildProcess>()

  private constructor(
    blueprint: Blueprint,
    command: readonly [string, ...string[]],
    options: Partial<LinkDriverOptions>,
  ) {
    this.blueprint = blueprint
    this.#command = command
    this.drivers = linkDrivers(blueprint, { clock: systemClock, ...options })
  }

  static async start(blueprint: Blueprint, options: { restarts?: boolean } = {}): Promise<LinkGround> {
    const home = (
      await provide(['toxiproxy'], { cacheDir: folders().cache, signal: AbortSignal.timeout(120_000) })
    ).get('toxiproxy')
    if (home === undefined) throw new TypeError('no toxiproxy')
    const ground: LinkGround = new LinkGround(
      blueprint,
      commandOf(home, 'toxiproxy-server'),
      options.restarts ? { restart: (id) => ground.restart(id) } : {},
    )
    await Promise.all(ground.#controllers().map((spec) => ground.#start(spec)))
    return ground
  }

  driver(link: string): LinkDriver {
    const driver = this.drivers.get(link)
    if (driver === undefined) throw new TypeError(`no link ${link}`)
    return driver
  }

  /** Drivers that know nothing of what others did, as another process has them. */
  freshDrivers(): ReadonlyMap<string, LinkDriver> {
    return linkDrivers(this.blueprint, { clock: systemClock })
  }

  /** kill -9, as the kernel would for want of memory. */
  async kill(id: string): Promise<void> {
    const child = this.#running.get(id)
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  async restart(id: string): Promise<void> {
    await this.kill(id)
    const spec = this.#controllers().find((controller) => controller.id === id)
    if (spec) await this.#start(spec)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.kill(id)))
  }

  #controllers = () => this.blueprint.specs.filter((spec) => spec.kind === 'toxiproxy')

  async #start(spec: ToxiproxySpec): Promise<void> {
    const [file, ...args] = this.#command
    const { host, port } = spec.ports[0]?.host ?? { host: '', port: 0 }
    // Another one there would be driven instead of ours, by both of us.
    if (await answers({ host, port })) throw new Error(`${host}:${port} is taken: another ground uses the same octets`)
    const child = spawn(file, [...args, '-host', host, '-port', String(port)], {
      stdio: 'ignore',
      env: { ...process.env, [marks.testbed]: this.blueprint.id, [marks.spec]: spec.id, [marks.place]: spec.place },
    })
    await once(child, 'spawn')
    this.#running.set(spec.id, child)
  }
}

/** A TCP server at a door; the connection handler is the whole server. */
export async function serveDoor(
  address: { host: string; port: number },
  onConnection: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly server: Server; readonly sockets: ReadonlySet<Socket> }> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    onConnection(socket)
  })
  server.listen(address.port, address.host)
  await once(server, 'listening')
  return {
    server,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Enough of Redis to be probed: answers each PING. */
export const answersPings = (socket: Socket): void => {
  socket.on('data', (chunk) => {
    const pings = chunk.toString('latin1').split('PING').length - 1
    if (pings > 0) socket.write('+PONG\r\n'.repeat(pings))
  })
}

/** Asks until the answer is yes, or throws when the time is over. */
export async function until(what: () => boolean | Promise<boolean>, ms: number): Promise<void> {
  const end = systemClock.monotonicMs() + ms
  while (!(await what())) {
    if (systemClock.monotonicMs() > end) throw new Error(`not within ${ms} ms`)
    await sleep(10)
  }
}

/** A real Redis at a door, with a password and nothing on disk. */
export async function serveRedis(address: { host: string; port: number }, password: string): Promise<AsyncDisposable> {
  const home = (await provide(['redis'], { cacheDir: folders().cache, signal: AbortSignal.timeout(120_000) })).get(
    'redis',
  )
  if (home === undefined) throw new TypeError('no redis')
  const [file, ...args] = commandOf(home, 'redis-server')
  const { host, port } = address
  const settings = ['--bind', host, '--port', String(port), '--requirepass', password, '--save', '', '--dir', '/tmp']
  const child = spawn(file, [...args, ...settings], { stdio: 'ignore' })
  await once(child, 'spawn')
  await until(() => answers(address), 10_000)
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

const answers = ({ host, port }: { host: string; port: number }): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(true))
    socket.on('connect', () => socket.destroy()).on('error', () => resolve(false))
  })

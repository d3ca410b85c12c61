import { z } from 'zod'
import { serviceClasses } from '../model/index.ts'
import { ensurePath } from './ensure-path.ts'
import { Level, type LevelOptions, type NodeWatch } from './level.ts'
import { op } from './multi.ts'
import { readNode } from './watch-node.ts'
import { type Tree, watchTree } from './watch-tree.ts'
import type { Zookeeper } from './zookeeper.ts'

const root = '/ezone/services'

/** What an instance says about itself to those who may call it. */
const instanceSchema = z.object({
  host: z.string(),
  port: z.int(),
  zone: z.string().nullable(),
  place: z.string(),
  /** What says how it is reached; what an older one did not say is what most are. */
  class: z.enum(serviceClasses).default('multi-active'),
})
export type ServiceInstance = z.output<typeof instanceSchema>

export interface RegisterOptions extends LevelOptions {
  readonly service: string
  readonly place: string
  /** From 1. No two living instances of a place share one. */
  readonly instance: number
  readonly data: ServiceInstance
}

/**
 * Makes an instance known as `/ezone/services/<service>/<place>-<instance>`, as long as this client's session lives, and
 * again when a new session begins. What an earlier life of the instance left is replaced at once; and whoever finds that a
 * later life has taken its place leaves it be. Resolves when it is known.
 */
export async function register(zk: Zookeeper, options: RegisterOptions): Promise<Registration> {
  const registration = new Registration(zk, options)
  try {
    await registration.current(options.signal)
    return registration
  } catch (error) {
    await registration[Symbol.asyncDispose]()
    throw error
  }
}

export class Registration implements AsyncDisposable {
  readonly path: string
  readonly #zk: Zookeeper
  readonly #level: Level
  #data: string
  /** Transaction that made the node that was ours last. */
  #mine: bigint | null = null
  #registered = false
  #ended = false

  constructor(zk: Zookeeper, options: RegisterOptions) {
    this.#zk = zk
    this.#data = JSON.stringify(options.data)
    this.path = `${root}/${options.service}/${options.place}-${options.instance}`
    this.#level = new Level(zk, { path: this.path, recursive: false }, (_, signal) => this.#settle(signal), options)
  }

  /** Whether others see it, as far as is known. */
  get registered(): boolean {
    return this.#registered && this.#zk.safeForMs > 0
  }

  /** Until it is known to the others with its newest data. */
  current(signal?: AbortSignal): Promise<void> {
    return this.#level.current(signal)
  }

  async update(data: ServiceInstance, signal?: AbortSignal): Promise<void> {
    this.#data = JSON.stringify(data)
    await this.current(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    await this.#level[Symbol.asyncDispose]()
    if (this.#zk.state !== 'connected') return
    // Whatever fails here is gone with the session.
    await this.#removeMine().catch(() => undefined)
  }

  async #settle(signal: AbortSignal): Promise<void> {
    const found = await readNode(this.#zk, this.path, signal)
    const session = this.#zk.session?.id
    this.#registered = false
    if (this.#ended) return
    if (found === null) return this.#create(signal)
    if (found.stat.ephemeralOwner === session) {
      if (found.data.toString() !== this.#data)
        await this.#zk.setData(this.path, this.#data, found.stat.version, { signal })
      this.#mine = found.stat.czxid
      this.#registered = true
      return
    }
    if (this.#mine !== null && found.stat.czxid > this.#mine) return
    const remove = op.delete(this.path, found.stat.version)
    const [, { stat }] = await this.#zk.multi([remove, this.#creation()], { signal })
    this.#mine = stat.czxid
    this.#registered = true
  }

  async #create(signal: AbortSignal): Promise<void> {
    await ensurePath(this.#zk, this.path.slice(0, this.path.lastIndexOf('/')), { signal })
    const [{ stat }] = await this.#zk.multi([this.#creation()], { signal })
    this.#mine = stat.czxid
    this.#registered = true
  }

  #creation = () => op.create(this.path, this.#data, { mode: 'ephemeral' })

  async #removeMine(): Promise<void> {
    const stat = await this.#zk.exists(this.path)
    if (stat !== null && stat.ephemeralOwner === this.#zk.session?.id) await this.#zk.delete(this.path, stat.version)
  }
}

/** Delivers the instances of every service, by service name, at first and whenever they change. */
export function watchServices(
  zk: Zookeeper,
  onServices: (services: ReadonlyMap<string, readonly ServiceInstance[]>) => void | Promise<void>,
  options: LevelOptions = {},
): NodeWatch {
  return watchTree(zk, root, (tree) => onServices(servicesOf(tree, options)), options)
}

/** An entry that cannot be read is left out, and told: one bad instance must not hide the others. */
function servicesOf(tree: Tree, { onError }: LevelOptions): ReadonlyMap<string, readonly ServiceInstance[]> {
  const services = new Map<string, ServiceInstance[]>()
  for (const [path, { data }] of [...tree].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const [service, name] = path.slice(root.length + 1).split('/')
    if (service === undefined || name === undefined) continue
    try {
      const instance = instanceSchema.parse(JSON.parse(data.toString()))
      services.set(service, [...(services.get(service) ?? []), instance])
    } catch (cause) {
      onError?.(new TypeError(`${path} is no instance of a service`, { cause }))
    }
  }
  return services
}

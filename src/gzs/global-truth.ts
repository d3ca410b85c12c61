import {
  EzoneError,
  type GlobalAck,
  type GlobalStatus,
  type GlobalZone,
  globalAckSchema,
  globalPaths,
  globalZoneSchema,
  type ServiceContext,
  truthPaths,
} from '@ezone/sdk'
import { type NodeWatch, watchNode, watchTree, type Zookeeper } from '@ezone/sdk/zookeeper'
import { Bell } from './bell.ts'
import { limits } from './limits.ts'
import { noMajority } from './truth.ts'

export interface HeldZone {
  readonly value: GlobalZone
  readonly nodeVersion: number
}

/** The truth about the Global Zone as this GZS has read it, followed for as long as it lives. */
export class GlobalTruth implements AsyncDisposable {
  readonly changed = new Bell()
  readonly zookeeper: Zookeeper
  /** zone -> what its lease-keeper has made true of its server. */
  readonly acks = new Map<string, GlobalAck>()
  readonly #watches: readonly NodeWatch[]
  #held: HeldZone | undefined

  constructor(zookeeper: Zookeeper, { log, signal }: Pick<ServiceContext, 'log' | 'signal'>) {
    this.zookeeper = zookeeper
    const options = { signal, onError: (error: unknown) => log.warn({ err: error }, 'the Global Zone is not read') }
    this.#watches = [
      watchNode(
        zookeeper,
        truthPaths.global,
        (node) => {
          if (node !== null) this.#adopt(globalZoneSchema.parse(parsed(node.data)), node.stat.version)
        },
        options,
      ),
      watchTree(
        zookeeper,
        globalPaths.acks,
        (tree) => {
          for (const [path, { data }] of tree)
            if (path !== globalPaths.acks)
              this.acks.set(path.slice(globalPaths.acks.length + 1), globalAckSchema.parse(parsed(data)))
          this.changed.ring()
        },
        options,
      ),
    ]
  }

  /** @throws EZ_NOT_READY where no lease-keeper has written it yet, or the topology has no Global Zone */
  get held(): HeldZone {
    if (this.#held === undefined) throw new EzoneError('EZ_NOT_READY', 'nobody has said yet who the global master is')
    return this.#held
  }

  get known(): boolean {
    return this.#held !== undefined
  }

  get status(): GlobalStatus {
    return { zone: this.held.value, acks: Object.fromEntries(this.acks) }
  }

  /** What the servers hold now, or later. @throws EZ_NO_MAJORITY */
  async fresh(signal: AbortSignal): Promise<void> {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(limits.requestMs)])
    try {
      await this.zookeeper.sync(truthPaths.global, { signal: soon })
      await Promise.all(this.#watches.map((watch) => watch.current(soon)))
    } catch (cause) {
      throw noMajority('no majority of the global ensemble answers', cause)
    }
  }

  /** Writes another record, if it is still the one held. @throws ZookeeperError BAD_VERSION where it is not */
  async change(held: HeldZone, next: GlobalZone): Promise<void> {
    const stat = await this.zookeeper.setData(truthPaths.global, JSON.stringify(next), held.nodeVersion)
    this.#adopt(next, stat.version)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch[Symbol.asyncDispose]()))
  }

  #adopt(value: GlobalZone, nodeVersion: number): void {
    if (nodeVersion < (this.#held?.nodeVersion ?? 0)) return
    this.#held = { value, nodeVersion }
    this.changed.ring()
  }
}

const parsed = (data: Buffer): unknown => JSON.parse(data.toString('utf8'))

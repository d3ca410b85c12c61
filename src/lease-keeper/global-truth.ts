import { posix } from 'node:path'
import {
  type GlobalAck,
  type GlobalZone,
  globalAckSchema,
  globalPaths,
  globalZoneSchema,
  type ServiceContext,
  truthPaths,
} from '@ezone/sdk'
import { ensurePath, type NodeWatch, op, watchNode, type Zookeeper, ZookeeperError } from '@ezone/sdk/zookeeper'

export interface HeldZone {
  readonly value: GlobalZone
  /** Of its node in the ensemble: what every change is compared with. */
  readonly nodeVersion: number
}

export interface GlobalTruthOptions extends Pick<ServiceContext, 'config' | 'log' | 'signal'> {
  readonly zone: string
  readonly zookeeper: Zookeeper
  readonly onChange: () => void
}

/** What a lease-keeper reads of the Global Zone's truth, and what it writes: acknowledgements, the lease, the cover. */
export class GlobalTruth implements AsyncDisposable {
  readonly #options: GlobalTruthOptions
  readonly #watch: NodeWatch
  #held: HeldZone | undefined

  constructor(options: GlobalTruthOptions) {
    this.#options = options
    const { zookeeper, signal, log } = options
    this.#watch = watchNode(
      zookeeper,
      truthPaths.global,
      async (node) => {
        if (node === null) await this.#create()
        else this.#adopt(globalZoneSchema.parse(JSON.parse(node.data.toString('utf8'))), node.stat.version)
      },
      { signal, onError: (error) => log.warn({ err: error }, 'the truth of the Global Zone could not be read') },
    )
  }

  /** Undefined before the first time. */
  get held(): HeldZone | undefined {
    return this.#held
  }

  /** Writes another record, if it is still the one held. @throws ZookeeperError BAD_VERSION where it is not */
  async change(held: HeldZone, next: GlobalZone): Promise<void> {
    const stat = await this.#options.zookeeper.setData(truthPaths.global, JSON.stringify(next), held.nodeVersion)
    this.#adopt(next, stat.version)
  }

  /** A write to a majority, which succeeds only while the record is the one held. @throws ZookeeperError */
  async renewLease({ value, nodeVersion }: HeldZone, untilMs: number): Promise<void> {
    const text = JSON.stringify({ zone: value.master, epoch: value.epoch, untilMs })
    const check = op.check(truthPaths.global, nodeVersion)
    await this.#put(globalPaths.lease, (path) => this.#options.zookeeper.multi([check, op.set(path, text, -1)]))
  }

  async acknowledge(ack: GlobalAck): Promise<void> {
    const { zookeeper, zone } = this.#options
    await this.#put(`${globalPaths.acks}/${zone}`, (path) => zookeeper.setData(path, JSON.stringify(ack)))
  }

  /** What an earlier life of this keeper said last; undefined where it never said anything. @throws ZookeeperError */
  async lastAck(): Promise<GlobalAck | undefined> {
    const { zookeeper, zone } = this.#options
    try {
      const { data } = await zookeeper.getData(`${globalPaths.acks}/${zone}`)
      return globalAckSchema.parse(JSON.parse(data.toString('utf8')))
    } catch (error) {
      if (ZookeeperError.is(error, 'NO_NODE')) return undefined
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]()
  }

  #adopt(value: GlobalZone, nodeVersion: number): void {
    if (nodeVersion < (this.#held?.nodeVersion ?? 0)) return
    this.#held = { value, nodeVersion }
    this.#options.onChange()
  }

  /** The first keeper to come writes what the topology asks for. */
  async #create(): Promise<void> {
    const { config, zookeeper } = this.#options
    const master = config.stores.global?.master
    if (master === undefined) return
    const first: GlobalZone = { master, epoch: 1, state: 'ACTIVE', covered: false, move: null }
    await ensurePath(zookeeper, posix.dirname(truthPaths.global))
    await zookeeper.create(truthPaths.global, JSON.stringify(first)).catch((error: unknown) => {
      if (!ZookeeperError.is(error, 'NODE_EXISTS')) throw error
    })
  }

  /** Writes a node that is there from the second time on. */
  async #put(path: string, write: (path: string) => Promise<unknown>): Promise<void> {
    try {
      await write(path)
    } catch (error) {
      if (!ZookeeperError.is(error, 'NO_NODE')) throw error
      await ensurePath(this.#options.zookeeper, path)
      await write(path)
    }
  }
}

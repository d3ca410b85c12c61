import {
  type FenceAcks,
  fenceAcksSchema,
  type RoutingTable,
  routingTableSchema,
  type ServiceContext,
  type Suspects,
  truthPaths,
} from '@ezone/sdk'
import { ensurePath, type NodeWatch, op, watchNode, Zookeeper, ZookeeperError } from '@ezone/sdk/zookeeper'
import { limits } from './limits.ts'

export interface HeldTable {
  readonly table: RoutingTable
  /** Of its node in the ensemble: what an extension of the lease is compared with. */
  readonly nodeVersion: number
}

/** What a lease-keeper reads of the truth, the table, and what it writes: its zone's lease and acknowledgements. */
export class Truth implements AsyncDisposable {
  readonly zookeeper: Zookeeper
  readonly #zone: string
  readonly #watch: NodeWatch
  #held: HeldTable | undefined

  constructor({ config, log, clock, signal }: ServiceContext, zone: string, onTable: () => void) {
    this.#zone = zone
    this.zookeeper = Zookeeper.connect({
      servers: config.stores.ensemble ?? [],
      sessionTimeoutMs: limits.sessionMs,
      requestTimeoutMs: limits.requestMs,
      clock,
      signal,
    })
    this.#watch = watchNode(
      this.zookeeper,
      truthPaths.table,
      (node) => {
        if (node === null) return
        const table = routingTableSchema.parse(JSON.parse(node.data.toString('utf8')))
        if (table.version < (this.#held?.table.version ?? 0)) return
        this.#held = { table, nodeVersion: node.stat.version }
        onTable()
      },
      { signal, onError: (error) => log.warn({ err: error }, 'the table could not be read') },
    )
  }

  /** Undefined before the first time. */
  get held(): HeldTable | undefined {
    return this.#held
  }

  /**
   * A write to a majority, which succeeds only while the table is the one held: so no lease is extended under a table
   * that has been replaced. Throws a ZookeeperError otherwise.
   */
  async renewLease({ nodeVersion, table }: HeldTable, lease: { readonly untilMs: number }): Promise<void> {
    const path = `${truthPaths.leases}/${this.#zone}`
    const text = JSON.stringify({ ...lease, version: table.version })
    const check = op.check(truthPaths.table, nodeVersion)
    await this.#put(path, () => this.zookeeper.multi([check, op.set(path, text, -1)]))
  }

  /** Whoever reads it knows what the rows of this zone say. */
  async acknowledge(acks: object): Promise<void> {
    const path = `${truthPaths.fences}/${this.#zone}`
    await this.#put(path, () => this.zookeeper.setData(path, JSON.stringify(acks)))
  }

  /** What was acknowledged of a shard and had not arrived here when it was taken. */
  async tellSuspects(suspects: Suspects): Promise<void> {
    const path = `${truthPaths.suspects}/${suspects.shard}`
    await this.#put(path, () => this.zookeeper.setData(path, JSON.stringify(suspects)))
  }

  /** What another zone's lease-keeper has made true; undefined where it never said. Throws a ZookeeperError. */
  async acksOf(zone: string): Promise<FenceAcks | undefined> {
    try {
      const { data } = await this.zookeeper.getData(`${truthPaths.fences}/${zone}`)
      return fenceAcksSchema.parse(JSON.parse(data.toString('utf8')))
    } catch (error) {
      if (ZookeeperError.is(error, 'NO_NODE')) return undefined
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]()
    await this.zookeeper.close()
  }

  /** Writes a node that is there from the second time on. */
  async #put(path: string, write: () => Promise<unknown>): Promise<void> {
    try {
      await write()
    } catch (error) {
      if (!ZookeeperError.is(error, 'NO_NODE')) throw error
      await ensurePath(this.zookeeper, path)
      await write()
    }
  }
}

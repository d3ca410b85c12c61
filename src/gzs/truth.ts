import {
  EzoneError,
  type FenceAcks,
  fenceAcksSchema,
  type RoutingTable,
  routingTableSchema,
  type ServiceContext,
  type ShardMove,
  type Suspects,
  shardMoveSchema,
  suspectsSchema,
  switchSchema,
  truthPaths,
  type ZoneSwitch,
} from '@ezone/sdk'
import {
  ensurePath,
  type NodeWatch,
  op,
  type Stat,
  type Tree,
  watchNode,
  watchTree,
  Zookeeper,
  ZookeeperError,
} from '@ezone/sdk/zookeeper'
import { Bell } from './bell.ts'
import { History } from './history.ts'
import { limits } from './limits.ts'

/** A value of the truth, and the version of its node: what a change of it is compared with. */
export interface Held<T> {
  readonly value: T
  readonly stat: Pick<Stat, 'version' | 'mzxid'>
}

export interface TruthOptions extends Pick<ServiceContext, 'config' | 'log' | 'clock' | 'signal'> {
  /** Makes the table where there is none yet. */
  readonly first: () => RoutingTable
  readonly onTable: (table: RoutingTable) => void
}

/**
 * The truth as this GZS has read it from the global ensemble, followed for as long as it lives. What it holds may be of
 * a moment ago; every change says on which versions it was decided, and is refused where they are no longer so.
 */
export class Truth implements AsyncDisposable {
  readonly changed = new Bell()
  readonly history: History
  readonly zookeeper: Zookeeper
  /** zone -> what its lease-keeper has made true. */
  readonly fences = new Map<string, FenceAcks>()
  /** zone -> when this GZS saw the last extension of its lease, monotonic: it was made before then. */
  readonly #extended = new Map<string, { readonly mzxid: Stat['mzxid']; readonly seenAtMs: number }>()
  readonly #moves = new Map<number, Held<ShardMove>>()
  #movesRead = false
  #switchesRead = false
  /** By id of the node: in the order they were begun. */
  readonly #switches = new Map<string, Held<ZoneSwitch>>()
  /** Per shard what was acknowledged and had not arrived when it was taken last. */
  readonly suspects = new Map<number, Suspects>()
  /** GZS instances with a session, such as `edge-1`. */
  alive: ReadonlySet<string> = new Set()
  #table: Held<RoutingTable> | undefined
  readonly #options: TruthOptions
  #watches: readonly NodeWatch[] = []

  private constructor(options: TruthOptions) {
    this.#options = options
    this.zookeeper = Zookeeper.connect({
      servers: options.config.stores.ensemble ?? [],
      sessionTimeoutMs: limits.sessionMs,
      requestTimeoutMs: limits.requestMs,
      clock: options.clock,
      signal: options.signal,
    })
    this.history = new History(this.zookeeper)
  }

  /** Returns at once; connects, lays the foundations where there are none, and follows, for as long as it takes. */
  static open(options: TruthOptions): Truth {
    const truth = new Truth(options)
    truth.#follow()
    return truth
  }

  /** @throws EZ_NO_MAJORITY where it was never read */
  get table(): Held<RoutingTable> {
    if (this.#table === undefined) throw noMajority('the truth has not been read yet')
    return this.#table
  }

  /** The last move of each shard, running or ended. @throws EZ_NO_MAJORITY where they were never read */
  get moves(): ReadonlyMap<number, Held<ShardMove>> {
    if (!this.#movesRead) throw noMajority('the moves have not been read yet')
    return this.#moves
  }

  /** Newest first, as far as they are kept. */
  get switches(): readonly Held<ZoneSwitch>[] {
    const names = [...this.#switches.keys()].toSorted().toReversed()
    return names.flatMap((name) => this.#switches.get(name) ?? [])
  }

  /** The one that runs, else the last one. @throws EZ_NO_MAJORITY where they were never read */
  get lastSwitch(): Held<ZoneSwitch> | undefined {
    if (!this.#switchesRead) throw noMajority('the switches have not been read yet')
    return this.switches[0]
  }

  get known(): boolean {
    return this.#table !== undefined && this.#movesRead && this.#switchesRead
  }

  /** What the servers hold now, or later. @throws EZ_NO_MAJORITY */
  async fresh(signal: AbortSignal): Promise<void> {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(limits.requestMs)])
    try {
      await this.zookeeper.sync(truthPaths.table, { signal: soon })
      await Promise.all(this.#watches.map((watch) => watch.current(soon)))
    } catch (cause) {
      throw noMajority('no majority of the global ensemble answers', cause)
    }
  }

  /** Creates the truth from the ground where there is none. Of many that come at once one wins; the others find it. */
  async found(): Promise<void> {
    const { first, clock, log } = this.#options
    const { moves, fences, leases, history, switches, suspects } = truthPaths
    for (const path of [moves, fences, leases, history, switches, suspects]) await ensurePath(this.zookeeper, path)
    if ((await this.zookeeper.exists(truthPaths.table)) !== null) return
    const table = first()
    const entry = { version: table.version, who: 'gzs', why: 'the first table', atMs: clock.nowMs(), changes: [] }
    try {
      await this.zookeeper.multi([op.create(truthPaths.table, JSON.stringify(table)), History.op(entry)])
      log.info({ version: table.version, shards: table.shards.length }, 'the first table is in the truth')
    } catch (error) {
      if (!ZookeeperError.is(error, 'NODE_EXISTS')) throw error
    }
  }

  adoptTable(value: RoutingTable, stat: Stat): void {
    if (this.#table !== undefined && this.#table.stat.mzxid >= stat.mzxid) return
    this.#table = { value, stat }
    this.#options.onTable(value)
    this.changed.ring()
  }

  adoptMove(value: ShardMove, stat: Stat): void {
    const held = this.#moves.get(value.shard)
    if (held !== undefined && held.stat.mzxid >= stat.mzxid) return
    this.#moves.set(value.shard, { value, stat })
    this.changed.ring()
  }

  adoptSwitch(path: string, value: ZoneSwitch, stat: Stat): void {
    const held = this.#switches.get(path)
    if (held !== undefined && held.stat.mzxid >= stat.mzxid) return
    this.#switches.set(path, { value, stat })
    this.changed.ring()
  }

  /** For how long, at least, a zone has not extended its lease: as long as it was watched, and no longer. */
  silentMs(zone: string): number {
    const seen = this.#extended.get(zone)
    return seen === undefined ? 0 : this.#options.clock.monotonicMs() - seen.seenAtMs
  }

  #adoptLease(zone: string, { mzxid }: Stat): void {
    if (this.#extended.get(zone)?.mzxid === mzxid) return
    this.#extended.set(zone, { mzxid, seenAtMs: this.#options.clock.monotonicMs() })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch[Symbol.asyncDispose]()))
    await this.zookeeper.close()
  }

  #follow(): void {
    const { log, signal } = this.#options
    const options = { signal, onError: (error: unknown) => log.warn({ err: error }, 'the truth could not be read') }
    const zk = this.zookeeper
    const tree = (path: string, onTree: (below: Tree) => void) =>
      watchTree(
        zk,
        path,
        (whole) => {
          onTree(new Map([...whole].filter(([node]) => node !== path)))
          this.changed.ring()
        },
        options,
      )
    this.#watches = [
      watchNode(
        zk,
        truthPaths.table,
        async (node) => {
          if (node === null) return await this.found()
          this.adoptTable(routingTableSchema.parse(parsed(node.data)), node.stat)
          await this.history.catchUp(this.table.value.version)
        },
        options,
      ),
      tree(truthPaths.moves, (moves) => {
        for (const { data, stat } of moves.values()) this.adoptMove(shardMoveSchema.parse(parsed(data)), stat)
        this.#movesRead = true
      }),
      tree(truthPaths.fences, (fences) => {
        for (const [path, { data }] of fences) this.fences.set(nameOf(path), fenceAcksSchema.parse(parsed(data)))
      }),
      tree(truthPaths.leases, (leases) => {
        for (const [path, { stat }] of leases) this.#adoptLease(nameOf(path), stat)
      }),
      tree(truthPaths.switches, (switches) => {
        for (const path of this.#switches.keys()) if (!switches.has(path)) this.#switches.delete(path)
        for (const [path, { data, stat }] of switches) this.adoptSwitch(path, switchSchema.parse(parsed(data)), stat)
        this.#switchesRead = true
      }),
      tree(truthPaths.suspects, (found) => {
        for (const { data } of found.values()) {
          const suspects = suspectsSchema.parse(parsed(data))
          this.suspects.set(suspects.shard, suspects)
        }
      }),
      tree(announced, (instances) => {
        this.alive = new Set([...instances.keys()].map(nameOf))
      }),
    ]
  }
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** Where every GZS is announced while its session lives. */
const announced = '/ezone/services/gzs'

const parsed = (data: Buffer): unknown => JSON.parse(data.toString('utf8'))

export const noMajority = (message: string, cause?: unknown): EzoneError =>
  new EzoneError('EZ_NO_MAJORITY', message, cause === undefined ? {} : { cause })

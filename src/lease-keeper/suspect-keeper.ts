import { type Address, fenceLimits, type RoutingTable, type ServiceContext, type ShardEntry } from '@ezone/sdk'
import type { SuspectRows, TakenShard } from '@ezone/sdk/dal'
import { acknowledgedAtEdge } from './acknowledged.ts'
import { limits } from './limits.ts'
import type { Truth } from './truth.ts'

export interface SuspectKeeperOptions extends Pick<ServiceContext, 'config' | 'clock' | 'log' | 'signal'> {
  readonly zone: string
  readonly truth: Truth
  readonly rows: SuspectRows
}

/**
 * Keeps what is doubtful after a takeover: what the edge had acknowledged and this zone had not got. It is found and
 * locked before the shard's fence lets anybody write here, told to the truth, and looked at until all of it has come, or
 * nothing more can come. It stands in the zone's database: a keeper that was killed goes on where it was.
 */
export class SuspectKeeper {
  readonly #options: SuspectKeeperOptions
  readonly #routers: readonly Address[]
  #taken: Map<number, TakenShard> | undefined
  /** shard -> epoch of what the truth has been told. */
  readonly #told = new Map<number, number>()
  /** Shards of which all has come, or nothing more can, by the epoch of the takeover. */
  readonly #over = new Map<number, number>()
  #lookedAtMs = Number.NEGATIVE_INFINITY
  #trouble = ''

  constructor(options: SuspectKeeperOptions) {
    this.#options = options
    this.#routers = options.config.peers.router ?? []
  }

  /**
   * Locks what is suspect of shards that this zone is about to serve. Never keeps them waiting for long: what could not
   * be found out is said, and the shard is served. @throws what the own database says
   */
  async lock(entries: readonly ShardEntry[]): Promise<void> {
    await Promise.all(entries.filter((entry) => this.#isTaken(entry)).map((entry) => this.#lock(entry)))
  }

  #isTaken = ({ zone, state, epoch, takenEpoch }: ShardEntry) =>
    zone === this.#options.zone && state === 'ACTIVE' && takenEpoch === epoch

  async #lock({ shard, epoch }: ShardEntry): Promise<void> {
    const { zone, clock, rows, log, signal } = this.#options
    const known = await this.#known()
    if (known.get(shard)?.epoch === epoch) return
    const atMs = clock.nowMs()
    const sinceMs = await this.#sinceMs(atMs)
    const { orders, complete } = await acknowledgedAtEdge(this.#routers, { shard, sinceMs, butOf: zone, signal })
    const taken = { shard, epoch, complete, atMs }
    await rows.take(taken, orders)
    known.set(shard, taken)
    this.#lookedAtMs = Number.NEGATIVE_INFINITY
    log.info({ shard, epoch, acknowledged: orders.length, complete }, 'what the edge acknowledged is compared')
  }

  /** Since when something may have been acknowledged that is not here: as long as routers remember, or less. */
  async #sinceMs(nowMs: number): Promise<number> {
    const { config, rows, zone } = this.#options
    const others = config.zones.filter(({ name }) => name !== zone)
    const heard = await Promise.all(others.map(({ number }) => rows.heardFrom(number)))
    const earliest = Math.min(...heard.map((atMs) => (atMs === null ? 0 : atMs - fenceLimits.driftMsMax)))
    return Math.floor(Math.max(nowMs - limits.edgeKeptMs, Math.min(earliest, nowMs)))
  }

  /** How long it may be until the next look. */
  get dueInMs(): number {
    const open = [...(this.#taken?.values() ?? [])].some(({ shard, epoch }) => this.#over.get(shard) !== epoch)
    return open ? limits.suspectsLookMs : limits.lookAgainMs
  }

  /** Now and then, while there is anything to be told or waited for. Never rejects: nothing else waits for it. */
  async look(table: RoutingTable, settled: ReadonlyMap<number, number>): Promise<void> {
    const { clock, log } = this.#options
    if (clock.monotonicMs() - this.#lookedAtMs < limits.suspectsLookMs) return
    this.#lookedAtMs = clock.monotonicMs()
    try {
      for (const taken of (await this.#known()).values()) {
        const entry = table.shards.find(({ shard }) => shard === taken.shard)
        // One that has been moved on since is another's to look at.
        if (entry?.takenEpoch !== taken.epoch) this.#over.set(taken.shard, taken.epoch)
        else await this.#lookAt(taken, settled.get(taken.shard) === taken.epoch)
      }
      this.#trouble = ''
    } catch (error) {
      const text = String(error)
      if (text !== this.#trouble) log.warn({ err: error }, 'suspects could not be looked at')
      this.#trouble = text
    }
  }

  async #known(): Promise<Map<number, TakenShard>> {
    this.#taken ??= new Map((await this.#options.rows.taken()).map((taken) => [taken.shard, taken]))
    return this.#taken
  }

  async #tell({ shard, epoch, complete, atMs }: TakenShard): Promise<void> {
    if (this.#told.get(shard) === epoch) return
    const { truth, rows, zone } = this.#options
    const found = await rows.found({ shard, epoch })
    const orders = found.slice(0, limits.suspectsNamed)
    await truth.tellSuspects({ shard, zone, epoch, atMs, complete, orders, count: found.length })
    this.#told.set(shard, epoch)
  }

  async #lookAt(taken: TakenShard, settled: boolean): Promise<void> {
    const { shard, epoch } = taken
    await this.#tell(taken)
    if (this.#over.get(shard) === epoch) return
    const left = await this.#options.rows.look(taken, settled)
    if (left > 0 && !settled) return
    this.#over.set(shard, epoch)
    this.#options.log.info({ shard, epoch, left }, 'nothing more is on its way of what the edge acknowledged')
  }
}

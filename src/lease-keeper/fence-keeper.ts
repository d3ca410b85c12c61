import { countShards, EzoneError, type FenceRow, fenceLimits, hasPlanted, type ServiceContext } from '@ezone/sdk'
import { ZookeeperError } from '@ezone/sdk/zookeeper'
import { limits } from './limits.ts'
import { Settler, type SettlerOptions } from './settler.ts'
import type { SuspectKeeper } from './suspect-keeper.ts'
import { thaw } from './thaw.ts'
import type { HeldTable } from './truth.ts'
import { acksOf, draining, rowOf, type Stopped, toWrite } from './wanted.ts'

export interface FenceKeeperOptions extends SettlerOptions {
  readonly suspects: SuspectKeeper
}

/**
 * Makes the fence rows of a zone what the table says, and tells the truth when they are. It looks at what is, not at
 * what happened: a round after a crash does what the one before it did not.
 */
export class FenceKeeper {
  readonly #options: FenceKeeperOptions
  #rows: Map<number, FenceRow> | undefined
  #readAtMs = 0
  readonly #barriers = new Map<number, Stopped>()
  readonly #drained = new Map<number, number>()
  readonly #settler: Settler
  /** By the wall clock; 0 before the first extension. */
  #leaseUntilMs = 0
  /** What the rows of this zone have of it. */
  #extendedToMs = 0
  /** Whether the last extension failed; undefined before the first. */
  #failing: boolean | undefined
  #renewedAtMs: number | undefined
  #acknowledged = ''
  /** Of the newest table that all rows agreed with and that was acknowledged; 0 before the first. */
  #version = 0

  constructor(options: FenceKeeperOptions) {
    this.#options = options
    this.#settler = new Settler(options)
  }

  count(metrics: ServiceContext['metrics']): void {
    const { clock } = this.#options
    const version = metrics.gauge('ezone_fence_version', 'Version of the table that all fence rows agree with.')
    const lease = metrics.gauge('ezone_lease_age_seconds', 'Since the lease of the zone was extended by a majority.')
    const epochs = { name: 'ezone_fence_epoch', help: 'Epoch of a fence row, by the zone that owns it and its state.' }
    countShards(metrics, epochs, () => this.#rows?.values() ?? [])
    metrics.beforeRead(() => {
      version.set(this.#version)
      if (this.#renewedAtMs !== undefined) lease.set((clock.monotonicMs() - this.#renewedAtMs) / 1000)
    })
  }

  /** @throws EZ_NOT_READY until the rows are made, and the zone's lease was extended once: who never did is not asked */
  requireReady(): void {
    const { zone } = this.#options
    if (this.#version === 0) throw new EzoneError('EZ_NOT_READY', `the fence rows of ${zone} are not made yet`)
    if (this.#extendedToMs === 0) throw new EzoneError('EZ_NOT_READY', `the lease of ${zone} was not extended yet`)
  }

  /** One round. Returns after how long the next is due even if nothing happens. @throws what kept it from its end */
  async round(): Promise<number> {
    const held = this.#options.truth.held
    if (held === undefined) return limits.lookAgainMs
    try {
      // Rows come first: a move waits for them. And no lease is extended before they agree with the table it names.
      await this.#makeRows(held)
      const waiting = await this.#drain(held)
      await this.#settler.look(held.table)
      await this.#acknowledge(held)
      await this.#options.suspects.look(held.table, this.#settler.settled)
      // Also while something drains: it may take as long as the lease, which is that of every shard of the zone.
      const dueInMs = await this.#extend(held)
      await thaw(this.#options, held)
      return Math.min(waiting ? limits.drainLookMs : dueInMs, dueInMs, this.#options.suspects.dueInMs)
    } catch (error) {
      // Whatever went wrong, what the rows say is not known any more.
      this.#rows = undefined
      throw error
    }
  }

  get #isStrict(): boolean {
    return this.#options.config.policy === 'strict'
  }

  /**
   * Where it is due, extends the lease, in the truth and under `strict` in the rows. It counts from the moment the
   * question was sent: whoever takes the zone's shards away later knows that no lease can end later than the moment of
   * taking plus its length. Under `available` it shows which zone has a majority, and refuses nothing.
   */
  async #extend(held: HeldTable): Promise<number> {
    const { clock, fences, zone } = this.#options
    const sentAtMs = clock.monotonicMs()
    const dueInMs = (this.#renewedAtMs ?? Number.NEGATIVE_INFINITY) + fenceLimits.leaseExtendMs - sentAtMs
    if (dueInMs > 0) return Math.ceil(dueInMs)
    const untilMs = clock.nowMs() + fenceLimits.leaseMs
    if (!(await this.#renew(held, untilMs))) return limits.retryMs
    this.#leaseUntilMs = untilMs
    if (this.#isStrict) await fences.extendLease({ zone, untilMs })
    this.#extendedToMs = untilMs
    this.#renewedAtMs = sentAtMs
    return fenceLimits.leaseExtendMs
  }

  async #renew(held: HeldTable, untilMs: number): Promise<boolean> {
    const { truth, log } = this.#options
    try {
      await truth.renewLease(held, { untilMs })
      if (this.#failing !== false) log.info('the lease is extended by a majority')
      this.#failing = false
      return true
    } catch (error) {
      // The table has changed a moment ago: it is on its way here, and the next round extends under the new one.
      if (ZookeeperError.is(error, 'BAD_VERSION')) return false
      if (this.#failing === false) log.warn({ err: error }, 'the lease is not extended')
      this.#failing = true
      return false
    }
  }

  async #makeRows(held: HeldTable): Promise<void> {
    const { fences, zone, log, suspects } = this.#options
    const options = { zone, leaseUntilMs: this.#isStrict ? this.#leaseUntilMs : null }
    const rows = await this.#known(held)
    const writes = toWrite(held.table, rows, this.#barriers, options)
    const changed = new Set(writes.map(({ row }) => row.shard))
    await suspects.lock(held.table.shards.filter(({ shard }) => changed.has(shard)))
    for (const write of writes) {
      const { shard, epoch, state } = write.row
      const { done, row, barrier, killed } = await fences.set(write)
      if (!done || row === undefined)
        throw new EzoneError(
          'EZ_ILLEGAL_STATE',
          `the fence row of shard ${shard} is not under epoch ${write.fromEpoch}`,
        )
      rows.set(shard, row)
      this.#barriers.set(shard, { ...barrier, epoch: row.epoch })
      log.info({ shard, zone: row.zone, epoch, state, killed }, 'a fence row says what the table says')
    }
  }

  /** The rows as they are, all of them made; read again every now and then, as others may touch a database. */
  async #known({ table }: HeldTable): Promise<Map<number, FenceRow>> {
    const { fences, zone, clock, log } = this.#options
    const old = this.#rows === undefined || clock.monotonicMs() - this.#readAtMs > limits.lookAgainMs
    if (!old && this.#rows !== undefined) return this.#rows
    const options = { zone, leaseUntilMs: this.#isStrict ? this.#leaseUntilMs : null }
    let rows = await fences.read()
    if (table.shards.some(({ shard }) => !rows.some((row) => row.shard === shard))) {
      const created = await fences.seed(table.shards.map((entry) => rowOf(entry, options)))
      log.info({ created, version: table.version }, 'fence rows are made')
      rows = await fences.read()
    }
    this.#readAtMs = clock.monotonicMs()
    this.#rows = new Map(rows.map((row) => [row.shard, row]))
    return this.#rows
  }

  /** Whether there is anything left to wait for. */
  async #drain(held: HeldTable): Promise<boolean> {
    const { config, fences, zone, log } = this.#options
    let waiting = false
    for (const { shard, epoch, source, barrier } of draining(held.table, zone)) {
      if (this.#drained.get(shard) === epoch) continue
      const position = (await fences.position(source)).find(({ uuid }) => uuid === barrier.uuid)
      const isHere = position !== undefined && position.gno >= barrier.gno
      if (!isHere && !hasPlanted(config, 'skipped-barrier')) {
        waiting = true
        continue
      }
      this.#drained.set(shard, epoch)
      log.info({ shard, epoch, source, gno: position?.gno }, 'all that the source wrote before the freeze is here')
    }
    return waiting
  }

  async #acknowledge(held: HeldTable): Promise<void> {
    const { truth, clock } = this.#options
    const { settled } = this.#settler
    const made = { table: held.table, rows: this.#rows ?? new Map(), barriers: this.#barriers, drained: this.#drained }
    const acks = acksOf({ ...made, settled })
    const text = JSON.stringify(acks)
    if (text !== this.#acknowledged) await truth.acknowledge({ ...acks, atMs: clock.nowMs() })
    this.#acknowledged = text
    this.#version = held.table.version
  }
}

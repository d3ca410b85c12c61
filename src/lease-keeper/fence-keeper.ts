import { type Barrier, EzoneError, type FenceRow, fenceLimits, type ServiceContext } from '@ezone/sdk'
import type { Fences } from '@ezone/sdk/dal'
import { limits } from './limits.ts'
import type { HeldTable, Truth } from './truth.ts'
import { acksOf, draining, rowOf, toWrite } from './wanted.ts'

export interface FenceKeeperOptions extends Pick<ServiceContext, 'config' | 'clock' | 'log'> {
  readonly zone: string
  readonly truth: Truth
  readonly fences: Fences
}

/**
 * Makes the fence rows of a zone what the table says, and tells the truth when they are. It looks at what is, not at
 * what happened: a round after a crash does what the one before it did not.
 */
export class FenceKeeper {
  readonly #options: FenceKeeperOptions
  #rows: Map<number, FenceRow> | undefined
  #readAtMs = 0
  readonly #barriers = new Map<number, Barrier>()
  readonly #drained = new Map<number, number>()
  /** By the wall clock; 0 before the first extension. */
  #leaseUntilMs = 0
  /** What the rows of this zone have of it. */
  #extendedToMs = 0
  #renewedAtMs: number | undefined
  #acknowledged = ''
  #version = 0

  constructor(options: FenceKeeperOptions) {
    this.#options = options
  }

  /** Of the newest table that all rows agreed with and that was acknowledged; 0 before the first. */
  get version(): number {
    return this.#version
  }

  /** One round. Returns after how long the next is due even if nothing happens. @throws what kept it from its end */
  async round(): Promise<number> {
    const { truth } = this.#options
    const held = truth.held
    if (held === undefined) return limits.lookAgainMs
    // Under both policies: so that it can be seen which zone has a majority. Only `strict` refuses writes without.
    const extended = await this.#renew(held)
    try {
      await this.#makeRows(held)
      if (extended && this.#isStrict) await this.#extend()
      const waiting = await this.#drain(held)
      await this.#acknowledge(held)
      return waiting ? limits.drainLookMs : this.#nextMs(extended)
    } catch (error) {
      // Whatever went wrong, what the rows say is not known any more.
      this.#rows = undefined
      throw error
    }
  }

  get #isStrict(): boolean {
    return this.#options.config.policy === 'strict'
  }

  #nextMs(extended: boolean): number {
    if (!extended) return limits.retryMs
    const sinceMs = this.#options.clock.monotonicMs() - (this.#renewedAtMs ?? 0)
    return Math.ceil(Math.max(0, fenceLimits.leaseExtendMs - sinceMs))
  }

  /**
   * Where it is due, extends the lease in the truth. It counts from the moment the question was sent: whoever takes the
   * zone's shards away later knows that no lease can end later than the moment of taking plus its length.
   */
  async #renew(held: HeldTable): Promise<boolean> {
    const { clock, truth, log } = this.#options
    const sentAtMs = clock.monotonicMs()
    if (this.#renewedAtMs !== undefined && sentAtMs - this.#renewedAtMs < fenceLimits.leaseExtendMs) return true
    const untilMs = clock.nowMs() + fenceLimits.leaseMs
    try {
      await truth.renewLease(held, { untilMs })
      this.#leaseUntilMs = untilMs
      if (this.#renewedAtMs === undefined) log.info('the lease is extended by a majority')
      this.#renewedAtMs = sentAtMs
      return true
    } catch (error) {
      if (this.#renewedAtMs !== undefined) log.warn({ err: error }, 'the lease is not extended')
      this.#renewedAtMs = undefined
      return false
    }
  }

  async #makeRows(held: HeldTable): Promise<void> {
    const { fences, zone, log } = this.#options
    const options = { zone, leaseUntilMs: this.#isStrict ? this.#leaseUntilMs : null }
    const rows = await this.#known(held)
    for (const write of toWrite(held.table, rows, this.#barriers, options)) {
      const { shard, epoch, state } = write.row
      const { done, row, barrier, killed } = await fences.set(write)
      if (!done || row === undefined)
        throw new EzoneError(
          'EZ_ILLEGAL_STATE',
          `the fence row of shard ${shard} is not under epoch ${write.fromEpoch}`,
        )
      rows.set(shard, row)
      this.#barriers.set(shard, barrier)
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

  async #extend(): Promise<void> {
    const { fences, zone } = this.#options
    if (this.#extendedToMs === this.#leaseUntilMs) return
    await fences.extendLease({ zone, untilMs: this.#leaseUntilMs })
    this.#extendedToMs = this.#leaseUntilMs
  }

  /** Whether there is anything left to wait for. */
  async #drain(held: HeldTable): Promise<boolean> {
    const { fences, zone, log } = this.#options
    let waiting = false
    for (const { shard, epoch, source, barrier } of draining(held.table, zone)) {
      if (this.#drained.get(shard) === epoch) continue
      const position = (await fences.position(source)).find(({ uuid }) => uuid === barrier.uuid)
      if (position === undefined || position.gno < barrier.gno) {
        waiting = true
        continue
      }
      this.#drained.set(shard, epoch)
      log.info({ shard, epoch, source, gno: position.gno }, 'all that the source wrote before the freeze is here')
    }
    return waiting
  }

  async #acknowledge(held: HeldTable): Promise<void> {
    const { truth, clock } = this.#options
    const made = { table: held.table, rows: this.#rows ?? new Map(), barriers: this.#barriers, drained: this.#drained }
    const acks = acksOf(made)
    const text = JSON.stringify(acks)
    if (text !== this.#acknowledged) await truth.acknowledge({ ...acks, atMs: clock.nowMs() })
    this.#acknowledged = text
    this.#version = held.table.version
  }
}

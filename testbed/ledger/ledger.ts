import { systemClock } from '@ezone/sdk/clock'
import { type Clock, EzoneError } from '@ezone/sdk/model'
import type { LoadRecord, Operation } from '../stress/records.ts'
import type { LoadRun } from '../stress/run-load.ts'
import { collect, idsMax } from './collect.ts'
import { compare } from './compare.ts'
import { endOrders } from './end-orders.ts'
import { burst, type Generator, together } from './generators.ts'
import type { LedgerGround } from './ground.ts'
import type { Entry } from './history.ts'
import { type LedgerOptions, makeParts, type Parts } from './make-parts.ts'
import { countReplicated } from './replicated.ts'

export type { Generator } from './generators.ts'
export type { LedgerGround } from './ground.ts'
export type { LedgerOptions } from './make-parts.ts'

export const qpsRange = { min: 10, max: 300, default: 100 } as const

/**
 * The record of one run: open-loop clients who write down what they were promised, watchers who write down what happened,
 * on one clock and in one file; and in the end what is left of it in the databases. It judges nothing.
 *
 *   await using ledger = await Ledger.begin(testbed, { file, name: 'partition', seed: 7 }, signal)
 *   const load = ledger.run(90_000, signal)
 *   …faults and switches meanwhile; what they tell goes to ledger.note({ type: 'step', atMs: ledger.atMs(), … })
 *   await load                                   (or ledger.stop() before its time)
 *   …faults are ended
 *   await ledger.settle(30_000, signal)          orders in flight are brought to their end
 *   await ledger.end({ signal })                 rows are collected, zones compared, the file closed
 *
 * `run` may be called again. Faults of the agent, changes of the table, acknowledgements of those who act under it and
 * lag come by themselves. Who is disposed without `end` leaves a history that says it was interrupted.
 */
export class Ledger implements AsyncDisposable {
  readonly #ground: LedgerGround
  readonly #options: LedgerOptions
  readonly #clock: Clock
  readonly #parts: Parts
  readonly #made: AsyncDisposableStack
  readonly #watching: Promise<unknown>
  readonly #closing = new AbortController()
  readonly #runs: LoadRun[] = []
  readonly #counts = { ok: 0, failed: 0, unknown: 0 }
  #stopping = new AbortController()
  #nextIndex = 0
  #ended = false

  private constructor(
    { ground, options, clock }: { ground: LedgerGround; options: LedgerOptions; clock: Clock },
    parts: Parts,
    made: AsyncDisposableStack,
  ) {
    this.#ground = ground
    this.#options = options
    this.#clock = clock
    this.#parts = parts
    this.#made = made
    const { table, faults, lag } = parts
    this.#watching = Promise.all([table, faults, lag].map((watch) => watch.follow(this.#closing.signal)))
  }

  /**
   * Opens the file, takes the seats and riders on, and begins to watch. Nothing is loaded yet.
   * @throws EZ_USAGE, EZ_NOT_RUNNING where no GZS tells the table, EZ_NOT_READY where no rider can be taken on
   */
  static async begin(ground: LedgerGround, options: LedgerOptions, signal: AbortSignal): Promise<Ledger> {
    const { clock = systemClock, qps = qpsRange.default } = options
    if (!(qps >= qpsRange.min && qps <= qpsRange.max))
      throw new EzoneError('EZ_USAGE', `a ledger takes ${qpsRange.min} to ${qpsRange.max} operations/s, not ${qps}`)
    await using making = new AsyncDisposableStack()
    const of = { ground, options: { ...options, qps }, clock }
    const parts = await makeParts(making, { ...of, signal })
    return new Ledger(of, parts, making.move())
  }

  /** Milliseconds since the run began. */
  readonly atMs = (): number => this.#parts.clock.atMs()

  /** Of a time that another program has stamped. */
  readonly atMsOf = (epochMs: number): number => this.#parts.clock.seen(epochMs, Number.NEGATIVE_INFINITY)

  readonly note = (entry: Entry): void => this.#parts.note(entry)

  /** The name that all keys and phones of this run begin with. */
  get runId(): string {
    return this.#parts.run
  }

  /** Operations so far, by their outcome. */
  get progress(): Readonly<Record<'ok' | 'failed' | 'unknown', number>> {
    return this.#counts
  }

  /** Loads for so long, or until `stop`. Resolves when all that was sent has been answered, or its time is over. */
  async run(forMs: number, signal: AbortSignal): Promise<Generator> {
    const { qps = qpsRange.default } = this.#options
    this.#stopping = new AbortController()
    const from = this.#nextIndex
    this.#nextIndex += Math.ceil((qps * forMs) / 1000)
    const run = await burst({
      qps,
      forMs,
      clock: this.#clock,
      atMs: this.atMs,
      from,
      operation: this.#operation,
      onRecord: this.#record,
      signal: AbortSignal.any([signal, this.#closing.signal]),
      until: this.#stopping.signal,
    })
    this.#runs.push(run)
    return together([run])
  }

  /** Ends the load now; what was sent is still awaited. */
  stop(): void {
    this.#stopping.abort()
  }

  /** Brings the orders of the run to their end, as far as the platform lets it. Returns how many are left. */
  settle(withinMs: number, signal: AbortSignal): Promise<number> {
    return endOrders({
      clients: this.#parts.clients,
      atMs: this.atMs,
      nextIndex: () => this.#nextIndex++,
      onRecord: this.#record,
      withinMs,
      signal: AbortSignal.any([signal, this.#closing.signal]),
    })
  }

  /**
   * Looks a last time, compares the zones and counts what replication did, collects what the databases have, and closes
   * the file. Waits at most `compareWithinMs` for changes on their way. A zone that does not answer is written down as
   * such. Of a run that was interrupted only the rows are collected.
   * @throws EZ_NO_DISK, EZ_STATE_UNREADABLE where the history could not be written
   */
  async end(options: {
    readonly signal: AbortSignal
    readonly compareWithinMs?: number
    readonly interrupted?: boolean
  }) {
    const { signal, compareWithinMs = 60_000, interrupted = false } = options
    const { table, faults, missing, note, clock, run, acknowledged } = this.#parts
    await table.last(signal)
    await faults.look().catch(() => undefined)
    await missing.done()
    await this.#stopWatching()
    const ground = this.#ground
    if (!interrupted) {
      await compare({ ground, clock, wall: this.#clock, note, withinMs: compareWithinMs, signal })
      await countReplicated({ ground, from: this.#parts.binlogs, note, signal })
    }
    const shared = (this.#options.conflictShare ?? 0) > 0
    await collect({ ground, run, clock, acknowledged: new Set(acknowledged.keys()), shared, note })
    this.#close(interrupted)
    this.#parts.writer.close()
    await this.#made.disposeAsync()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stopWatching()
    this.#close(true)
    await this.#made.disposeAsync()
  }

  readonly #operation = (index: number): Operation => {
    const { shared, clients } = this.#parts
    return shared?.wants(index) ? shared.operation(index) : clients.operation(index)
  }

  readonly #record = (record: LoadRecord): void => {
    const { shared, clients, acknowledged, note } = this.#parts
    const entry = shared?.has(record.index) ? shared.entryOf(record) : clients.entryOf(record)
    note({ type: 'op', ...entry })
    const { kind, outcome, orderId, shard } = entry
    this.#counts[outcome]++
    if (kind === 'place' && outcome === 'ok' && orderId !== null && acknowledged.size < idsMax)
      acknowledged.set(orderId, shard ?? 0)
  }

  async #stopWatching(): Promise<void> {
    this.#closing.abort()
    await this.#watching
  }

  #close(interrupted: boolean): void {
    if (this.#ended) return
    this.#ended = true
    this.#parts.note({ type: 'generator', ...together(this.#runs) })
    this.#parts.note({ type: 'end', atMs: this.atMs(), interrupted })
  }
}

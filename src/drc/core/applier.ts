import { EzoneError, type LogRecord } from '@ezone/sdk/model'
import { incomingOf, type Locals, planBatch } from './plan.ts'
import { judge } from './positions.ts'
import { Assembler } from './records.ts'
import type { resolve } from './resolve.ts'
import type { Conflict, LoggedTransaction, Plan, Position, RowKey, Shapes } from './types.ts'

/** The end of another zone's change log where records are read. */
export interface LogReader {
  /** The next records, in order; waits for some. The first call may begin anywhere at or before the target's position. */
  read(signal: AbortSignal): Promise<readonly LogRecord[]>
}

/** One transaction of the target's store, marked as applied (ADR 0019), so that it does not travel on. */
export interface TargetTransaction {
  /** Moves the position on, where it still is `from`; false where it is not: somebody else has applied this. */
  advance(move: { readonly uuid: string; readonly from: number; readonly to: number }): Promise<boolean>
  /** What is here under these keys. Row and tombstone stay locked until the end, also where there is none. */
  find(keys: readonly RowKey[]): Promise<Locals>
  /** `insert` fails where a row has come to be; nothing is ever overwritten that `find` has not shown. */
  write(plan: Plan): Promise<void>
}

export interface TargetStore {
  positions(source: string, signal: AbortSignal): Promise<Position>
  /** Commits when `work` ends well, else leaves nothing. Rejects also where the commit was sent and not answered. */
  transaction<T>(source: string, work: (open: TargetTransaction) => Promise<T>, signal: AbortSignal): Promise<T>
}

export interface ApplierParts {
  /** Zone whose changes are applied here. */
  readonly source: string
  readonly shapes: Shapes
  readonly log: LogReader
  readonly store: TargetStore
  /** Whole source transactions are joined up to so many rows into one of the target; a larger one goes alone. */
  readonly rowsMax: number
  /** Who wins; by default whoever has the greater version. */
  readonly resolve?: typeof resolve
}

/** What one step has committed; empty where it only found repeats, or that somebody else was faster. */
export interface Step {
  readonly applied: readonly LoggedTransaction[]
  readonly rows: number
  readonly conflicts: readonly Conflict[]
}

const nothing: Step = { applied: [], rows: 0, conflicts: [] }

/**
 * Applies another zone's transactions here, whole, each once, in their order.
 *
 * The position moves in the transaction that writes the rows, and only from where this applier believes it to be. So a
 * crash repeats nothing, and an applier that was paused while another took over commits nothing.
 */
export class Applier {
  readonly #parts: ApplierParts
  readonly #assembler = new Assembler()
  #waiting: LoggedTransaction[] = []
  /** Undefined whenever the store may know better. */
  #positions: Map<string, number> | undefined

  constructor(parts: ApplierParts) {
    this.#parts = parts
  }

  /**
   * Applies the next batch, or reads on. Whatever it throws, it may be called again: nothing was half done, and what was
   * done without an answer is found by its position.
   *
   * @throws EZ_DRC_GAP, EZ_DRC_UNFIT_TABLE it will be the same next time; what the store or the log throws
   */
  async step(signal: AbortSignal): Promise<Step> {
    const { source, store, log } = this.#parts
    const positions = this.#positions ?? new Map(await store.positions(source, signal))
    this.#positions = positions
    if (this.#waiting.length === 0)
      for (const record of await log.read(signal)) {
        const whole = this.#assembler.add(record)
        if (whole !== undefined) this.#waiting.push(whole)
      }
    const batch = this.#batch(positions)
    const [first, last] = [batch[0], batch.at(-1)]
    if (first === undefined || last === undefined) return nothing
    const conflicts = await this.#commit(batch, { uuid: last.uuid, from: first.previous, to: last.gno }, signal)
    if (conflicts === 'overtaken') return nothing
    positions.set(last.uuid, last.gno)
    this.#waiting.splice(0, batch.length)
    return { applied: batch, rows: batch.reduce((sum, { rows }) => sum + rows.length, 0), conflicts }
  }

  /** The next transactions of one server that fit together; drops those that are applied already. @throws EZ_DRC_GAP */
  #batch(positions: Position): readonly LoggedTransaction[] {
    const { source, rowsMax } = this.#parts
    const at = ({ uuid }: LoggedTransaction) => positions.get(uuid) ?? 0
    const fresh = this.#waiting.findIndex((transaction) => judge(at(transaction), transaction) !== 'done')
    this.#waiting.splice(0, fresh < 0 ? this.#waiting.length : fresh)
    const [first] = this.#waiting
    if (first === undefined) return []
    if (judge(at(first), first) === 'gap')
      throw new EzoneError(
        'EZ_DRC_GAP',
        `the log of ${source} goes on with ${first.uuid}:${first.gno} after ${first.previous}; applied is ${at(first)}`,
      )
    let rows = 0
    let previous = first.previous
    const end = this.#waiting.findIndex((transaction) => {
      const follows = transaction.uuid === first.uuid && transaction.previous === previous
      rows += transaction.rows.length
      previous = transaction.gno
      return !follows || (transaction !== first && rows > rowsMax)
    })
    return this.#waiting.slice(0, end < 0 ? this.#waiting.length : end)
  }

  async #commit(
    batch: readonly LoggedTransaction[],
    move: { readonly uuid: string; readonly from: number; readonly to: number },
    signal: AbortSignal,
  ): Promise<readonly Conflict[] | 'overtaken'> {
    const changes = incomingOf(batch, this.#parts.shapes)
    const overtaken = new Error('the position is not where it was')
    try {
      return await this.#parts.store.transaction(
        this.#parts.source,
        async (open) => {
          // The position first: of two appliers the later one waits here, and finds that it has nothing to do.
          if (!(await open.advance(move))) throw overtaken
          const plan = planBatch(changes, await open.find(changes), this.#parts.resolve)
          await open.write(plan)
          return plan.conflicts
        },
        signal,
      )
    } catch (error) {
      this.#positions = undefined
      if (error === overtaken) return 'overtaken'
      throw error
    }
  }
}

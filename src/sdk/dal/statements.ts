import { EzoneError } from '../model/index.ts'
import { rolledBack, rowBusy } from './outcome.ts'
import type { Session } from './session.ts'
import { mustBe } from './sql.ts'
import type { GlobalTx, SqlRow, SqlValue } from './types.ts'

/**
 * The statements of one open transaction. It knows when the transaction has ended although nobody ended it (a
 * deadlock's victim, a lost line): then nothing more is sent, as it would be committed alone and unfenced.
 */
export class Statements implements GlobalTx {
  readonly session: Session
  readonly #signal: AbortSignal | undefined
  #ended: { readonly why: unknown } | undefined

  constructor(session: Session, signal?: AbortSignal) {
    this.session = session
    this.#signal = signal
  }

  /** Why no COMMIT may be sent; undefined while the transaction stands. */
  get ended(): { readonly why: unknown } | undefined {
    return this.#ended
  }

  async rows<Row = SqlRow>(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]> {
    mustBe('read', sql)
    return this.#run(() => this.session.rows<Row>(sql, values))
  }

  async change(sql: string, values?: readonly SqlValue[]): Promise<number> {
    mustBe('change', sql)
    return this.#run(() => this.session.change(sql, values))
  }

  /** A statement that passes the fence, whatever it begins with; the number of rows found. */
  pass(sql: string, values: readonly SqlValue[]): Promise<number> {
    return this.#run(() => this.session.change(sql, values))
  }

  /** From here on nothing is sent: the work it was made for is over. */
  end(): void {
    this.#ended ??= { why: new TypeError('the transaction is over') }
  }

  async #run<T>(statement: () => Promise<T>): Promise<T> {
    if (this.#ended) throw this.#ended.why
    this.#signal?.throwIfAborted()
    try {
      return await statement()
    } catch (error) {
      const told = rowBusy(error)
        ? new EzoneError('EZ_OVERLOADED', 'another write holds the row; nothing was done', { cause: error })
        : error
      if (this.session.lost || rolledBack(error)) this.#ended ??= { why: told }
      throw told
    }
  }
}

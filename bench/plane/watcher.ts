import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'

/** How much later than it came a row may be seen; so much too long every lag can be. */
const everyMs = 4
const rowsMax = 5_000

/** Sees rows of a table come to be in the target's store, by reading it as any client would. */
export class Watcher implements AsyncDisposable {
  readonly #connection: Connection
  readonly #table: string
  readonly #end = new AbortController()
  #watching: Promise<void> = Promise.resolve()
  /** By number: when it was first there. */
  readonly seenMs = new Map<number, number>()
  /** All up to this one are there. */
  whole = 0
  #failure: unknown

  private constructor(connection: Connection, table: string) {
    this.#connection = connection
    this.#table = table
  }

  static async open(uri: string, table: string): Promise<Watcher> {
    const watcher = new Watcher(await createConnection({ uri }), table)
    watcher.#watching = watcher.#watch().catch((error) => {
      watcher.#failure = error
    })
    return watcher
  }

  /** @throws where they have not all come in time */
  async untilWhole(number: number, withinMs: number): Promise<void> {
    const endMs = systemClock.monotonicMs() + withinMs
    while (this.whole < number) {
      if (this.#failure !== undefined) throw this.#failure
      if (systemClock.monotonicMs() > endMs)
        throw new Error(`${this.#table}: ${this.whole} of ${number} transactions came within ${withinMs} ms`)
      await sleep(everyMs)
    }
  }

  async #watch(): Promise<void> {
    while (!this.#end.signal.aborted) {
      const beganMs = systemClock.monotonicMs()
      const [rows] = await this.#connection.execute<RowDataPacket[]>(
        `SELECT id FROM ${this.#table} WHERE id > ? ORDER BY id LIMIT ${rowsMax}`,
        [this.whole],
      )
      const nowMs = systemClock.monotonicMs()
      for (const { id } of rows) if (!this.seenMs.has(Number(id))) this.seenMs.set(Number(id), nowMs)
      while (this.seenMs.has(this.whole + 1)) this.whole++
      if (rows.length < rowsMax) await sleep(Math.max(1, everyMs - (nowMs - beganMs)))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    await this.#watching
    this.#connection.destroy()
  }
}

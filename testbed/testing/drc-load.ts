import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import type { Connection } from 'mysql2/promise'
import type { DrcGround } from './drc-ground.ts'

/** No two loads of a process write the same rows. */
let loads = 0

export interface LoadOptions {
  readonly zone: string
  readonly table: string
  /** Transactions per second, all connections together. */
  readonly perSecond: number
  readonly connections?: number
}

/**
 * A client that writes to the MySQL of one zone directly, on rows of its own: inserts, updates of earlier rows, now and
 * then a delete. It remembers what was acknowledged, and goes on when its server is away.
 */
export class DrcLoad implements AsyncDisposable {
  readonly #ground: DrcGround
  readonly #options: LoadOptions
  readonly #end = new AbortController()
  readonly #workers: Promise<void>[]
  readonly #base: number
  #next = 100
  acknowledged = 0
  failed = 0

  constructor(ground: DrcGround, options: LoadOptions) {
    this.#ground = ground
    this.#options = options
    this.#base = ++loads * 1_000_000_000
    const { connections = 4 } = options
    this.#workers = Array.from({ length: connections }, (_, index) => this.#work(index, connections))
  }

  /** Columns of the table it writes to. */
  static readonly columns =
    'id BIGINT, shard INT NOT NULL DEFAULT 0, epoch BIGINT NOT NULL DEFAULT 0, n INT NOT NULL DEFAULT 0, note VARCHAR(200)'

  async #work(index: number, workers: number): Promise<void> {
    const everyMs = (workers * 1_000) / this.#options.perSecond
    let due = systemClock.monotonicMs() + (index * everyMs) / workers
    let connection: Connection | null = null
    while (!this.#end.signal.aborted) {
      await sleep(Math.max(0, due - systemClock.monotonicMs()), undefined, { signal: this.#end.signal }).catch(() => {})
      due += everyMs
      if (this.#end.signal.aborted) break
      try {
        connection ??= await this.#open()
        await this.#transaction(connection, this.#next++)
        this.acknowledged++
      } catch {
        this.failed++
        connection?.destroy()
        connection = null
        await sleep(100)
      }
    }
    connection?.destroy()
  }

  async #open(): Promise<Connection> {
    const connection = await this.#ground.open(this.#options.zone)
    connection.on('error', () => undefined)
    return connection
  }

  async #transaction(connection: Connection, number: number): Promise<void> {
    const { table } = this.#options
    const id = this.#base + number
    await connection.query('START TRANSACTION')
    await connection.query(`INSERT INTO ${table} (id, n, note) VALUES (?, 0, ?)`, [id, `order ${number} 外卖`])
    await connection.query(`UPDATE ${table} SET n = n + 1 WHERE id = ?`, [id - ((number * 7) % 50)])
    if (number % 10 === 9) await connection.query(`DELETE FROM ${table} WHERE id = ?`, [id - 60])
    await connection.query('COMMIT')
  }

  /** Ends when every transaction under way has. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    await Promise.all(this.#workers)
  }
}

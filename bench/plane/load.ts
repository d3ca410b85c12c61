import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@ezone/sdk/clock'
import { type Connection, createConnection } from 'mysql2/promise'

/** Transactions in flight at once; more only wait for one another's fsync. */
const connections = 8
/** Rows changed before, which later transactions change again. */
const known = 500

/** Each transaction inserts an order and changes an earlier one. */
export const rowsPerTransaction = 2

export const columns =
  'id BIGINT NOT NULL PRIMARY KEY, shard SMALLINT UNSIGNED NOT NULL, epoch BIGINT UNSIGNED NOT NULL, ' +
  'shop BIGINT NOT NULL, state VARCHAR(16) NOT NULL, amount DECIMAL(12, 2) NOT NULL, note VARCHAR(200) NOT NULL, n INT NOT NULL'

export interface LoadOptions {
  readonly uri: string
  readonly table: string
  readonly perSecond: number
}

/**
 * An open loop: transactions begin when they are due, whether or not earlier ones have ended. Numbers rise from 1 without
 * a hole, over all runs. One that fails ends the bench: nothing was broken that it writes to.
 */
export class Load implements AsyncDisposable {
  readonly #options: LoadOptions
  readonly #idle: Connection[]
  readonly #all: readonly Connection[]
  /** By number: when its COMMIT was acknowledged, on the monotonic clock. */
  readonly committedMs = new Map<number, number>()
  #number = 0
  /** Most that waited for a connection: 0 where the store kept up. */
  waitedMax = 0
  readonly #waiting: (() => void)[] = []

  private constructor(options: LoadOptions, all: readonly Connection[]) {
    this.#options = options
    this.#all = all
    this.#idle = [...all]
  }

  static async open(options: LoadOptions): Promise<Load> {
    const all = await Promise.all(
      Array.from({ length: connections }, () => createConnection({ uri: options.uri, multipleStatements: true })),
    )
    return new Load(options, all)
  }

  get last(): number {
    return this.#number
  }

  /** Until `until` says so, or so long. Resolves when everything it began is committed. */
  async run(forMs: number, until: () => boolean = () => false): Promise<void> {
    const everyMs = 1_000 / this.#options.perSecond
    const beganMs = systemClock.monotonicMs()
    const underWay = new Set<Promise<void>>()
    let failure: unknown
    for (let due = 0; due < forMs && !until(); due += everyMs) {
      const early = beganMs + due - systemClock.monotonicMs()
      if (early > 1) await sleep(early)
      if (failure !== undefined) throw failure
      const one = this.#transaction(++this.#number)
        .catch((error) => {
          failure ??= error
        })
        .then(() => void underWay.delete(one))
      underWay.add(one)
    }
    await Promise.all(underWay)
    if (failure !== undefined) throw failure
  }

  async #transaction(number: number): Promise<void> {
    const connection = await this.#take()
    const { table } = this.#options
    const earlier = Math.max(1, number - 1 - ((number * 7) % known))
    const values = [number, 1 + (number % 9_000), `order ${number}, 少放辣椒 and leave it at the door`, earlier]
    await connection.query(
      `START TRANSACTION;
       INSERT INTO ${table} (id, shard, epoch, shop, state, amount, note, n) VALUES (?, 31, 1, ?, 'created', 25.90, ?, 0);
       UPDATE ${table} SET state = 'paid', n = n + 1 WHERE id = ?;
       COMMIT`,
      values,
    )
    this.committedMs.set(number, systemClock.monotonicMs())
    this.#idle.push(connection)
    this.#waiting.shift()?.()
  }

  async #take(): Promise<Connection> {
    for (;;) {
      const free = this.#idle.pop()
      if (free !== undefined) return free
      this.waitedMax = Math.max(this.waitedMax, this.#waiting.length + 1)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#all) connection.destroy()
  }
}

import { type Connection, createConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise'
import { fenceLimits, type MysqlAccess } from '../model/index.ts'
import { limits } from './limits.ts'
import type { SqlRow, SqlValue } from './types.ts'

export interface SessionOptions {
  readonly connectMs: number
  readonly statementMs: number
  /** False: every statement belongs to a transaction, which its first one begins, and which COMMIT ends. */
  readonly autocommit: boolean
}

/**
 * Set on every connection. The isolation is what the proof of the fence rests on: below it the server may give back
 * a shared lock before the commit is in the binlog.
 */
const settings = `SET SESSION wait_timeout = ${fenceLimits.waitTimeoutSeconds},
  innodb_lock_wait_timeout = ${fenceLimits.lockWaitSeconds},
  transaction_isolation = 'REPEATABLE-READ', time_zone = '+00:00', autocommit =`

/**
 * One connection of the DAL. Once anything happened that leaves its state in doubt (no answer in time, a lost line, an
 * end from the server) it is lost for good: whatever is asked of it later fails before anything is sent.
 */
export class Session {
  readonly #connection: Connection
  readonly #statementMs: number
  #lost: { readonly cause: unknown } | undefined

  private constructor(connection: Connection, statementMs: number) {
    this.#connection = connection
    this.#statementMs = statementMs
    connection.on('error', (error: unknown) => this.#lose(error))
    connection.on('end', () => this.#lose(new Error('the server closed the connection')))
  }

  /** Rejects with what the driver says where the server cannot be reached. */
  static async open(mysql: MysqlAccess, { connectMs, statementMs, autocommit }: SessionOptions): Promise<Session> {
    const { host, port, user, password } = mysql
    const connection = await createConnection({
      host,
      port,
      user,
      password,
      connectTimeout: connectMs,
      supportBigNumbers: true,
      bigNumberStrings: true,
      timezone: 'Z',
      maxPreparedStatements: limits.preparedMax,
      // A stack for every statement, in case it fails, costs more than the statement.
      trace: false,
    })
    const session = new Session(connection, statementMs)
    try {
      await session.text(`${settings} ${autocommit ? 'ON' : 'OFF'}`)
    } catch (error) {
      session.destroy()
      throw error
    }
    return session
  }

  /** What ended it; undefined while it is good. */
  get lost(): { readonly cause: unknown } | undefined {
    return this.#lost
  }

  get threadId(): number {
    return this.#connection.threadId
  }

  /** One prepared statement that gives rows. */
  async rows<Row = SqlRow>(sql: string, values: readonly SqlValue[] = []): Promise<readonly Row[]> {
    const [rows] = await this.#watch(() =>
      this.#connection.execute<RowDataPacket[]>({ sql, timeout: this.#statementMs }, values.map(wire)),
    )
    return rows as unknown as readonly Row[]
  }

  /** One prepared statement that gives no rows: how many it found. */
  async change(sql: string, values: readonly SqlValue[] = [], timeoutMs = this.#statementMs): Promise<number> {
    const [result] = await this.#watch(() =>
      this.#connection.execute<ResultSetHeader>({ sql, timeout: timeoutMs }, values.map(wire)),
    )
    return result.affectedRows
  }

  /** Constant text, for what cannot be prepared: its rows. */
  async text(sql: string, timeoutMs = this.#statementMs): Promise<readonly unknown[]> {
    const [results] = await this.#watch(() => this.#connection.query({ sql, timeout: timeoutMs }))
    return results as unknown as readonly unknown[]
  }

  destroy(): void {
    this.#lose(new Error('the connection was given up'))
    this.#connection.destroy()
  }

  async end(): Promise<void> {
    if (this.#lost) return this.#connection.destroy()
    this.#lose(new Error('the connection was closed'))
    await this.#connection.end().catch(() => this.#connection.destroy())
  }

  async #watch<T>(statement: () => Promise<T>): Promise<T> {
    if (this.#lost) throw this.#lost.cause
    try {
      return await statement()
    } catch (error) {
      // Without a state of the server's the error is ours or the line's: what the server did then is not known.
      const { sqlState, fatal } = error as { sqlState?: string; fatal?: boolean }
      if (!sqlState || fatal) {
        this.#lose(error)
        this.#connection.destroy()
      }
      throw error
    }
  }

  #lose(cause: unknown): void {
    this.#lost ??= { cause }
  }
}

const wire = (value: SqlValue) => (typeof value === 'bigint' ? String(value) : value)

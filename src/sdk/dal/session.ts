import { type Connection, createConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise'
import { fenceLimits, type MysqlAccess } from '../model/index.ts'
import { limits } from './limits.ts'
import type { SqlRow, SqlValue } from './types.ts'

export interface SessionTimes {
  readonly connectMs: number
  readonly statementMs: number
}

/**
 * Set on every connection. The isolation is what the proof of the fence rests on: below it the server may give back
 * a shared lock before the commit is in the binlog.
 */
const settings = `SET SESSION wait_timeout = ${fenceLimits.waitTimeoutSeconds},
  innodb_lock_wait_timeout = ${fenceLimits.lockWaitSeconds},
  transaction_isolation = 'REPEATABLE-READ', time_zone = '+00:00'`

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
  static async open(mysql: MysqlAccess, { connectMs, statementMs }: SessionTimes): Promise<Session> {
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
      // For `begin` below alone: everything with values is prepared, and a prepared text is one statement.
      multipleStatements: true,
    })
    const session = new Session(connection, statementMs)
    try {
      await session.text(settings)
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

  /** One prepared statement that changes rows: how many it found. */
  async change(sql: string, values: readonly SqlValue[] = [], timeoutMs = this.#statementMs): Promise<number> {
    const [result] = await this.#watch(() =>
      this.#connection.execute<ResultSetHeader>({ sql, timeout: timeoutMs }, values.map(wire)),
    )
    return result.affectedRows
  }

  /** Constant text, several statements if need be, in one round trip: what each of them gave. */
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

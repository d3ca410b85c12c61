import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, EzoneError, type MysqlAccess } from '@ezone/sdk/model'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { TargetStore, TargetTransaction } from '../core/applier.ts'
import { appliedTag } from '../core/origin.ts'
import type { Position } from '../core/types.ts'
import { limits } from '../limits.ts'
import { asApplyError, meetsWriter } from './mysql-error.ts'
import { Interfered, OpenTransaction } from './open-transaction.ts'
import { bounded, openSession } from './session.ts'
import { TargetTables } from './tables.ts'

export interface MysqlTargetOptions {
  readonly mysql: MysqlAccess
  /** This zone. */
  readonly zone: string
  readonly source: string
  readonly clock: Clock
}

/**
 * This zone's MySQL, as the changes of one source are applied to it: one session, all of whose transactions carry the
 * source's tag (ADR 0019).
 */
export class MysqlTarget implements TargetStore, AsyncDisposable {
  readonly #options: MysqlTargetOptions
  readonly tables = new TargetTables()
  #connection: Connection | null = null

  constructor(options: MysqlTargetOptions) {
    this.#options = options
  }

  async positions(_source?: string, signal?: AbortSignal): Promise<Position> {
    const connection = await this.#session()
    const look = async () => {
      const [rows] = await connection.query<RowDataPacket[]>(
        'SELECT uuid, gno FROM ezone_drc.position WHERE source = ?',
        [this.#options.source],
      )
      return new Map(rows.map(({ uuid, gno }) => [String(uuid), Number(gno)]))
    }
    return this.#surely(connection, look, signal)
  }

  /**
   * Begun again, from its first look on, where one of the zone's own writers came between; so `work` may run several
   * times.
   */
  async transaction<T>(
    _source: string,
    work: (open: TargetTransaction) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const connection = await this.#session()
      try {
        return await this.#surely(connection, () => this.#once(connection, work), signal)
      } catch (error) {
        const again = error instanceof Interfered || meetsWriter(error)
        if (!again) throw error
        if (attempt >= limits.applyTries) throw asApplyError(error)
        await sleep(attempt * 2, undefined, { signal })
      }
    }
  }

  /** Something did not fit: the tables may have changed. */
  async look(): Promise<void> {
    const connection = await this.#session()
    await this.#surely(connection, () => this.tables.load(connection))
  }

  async #once<T>(connection: Connection, work: (open: TargetTransaction) => Promise<T>): Promise<T> {
    await connection.query('START TRANSACTION')
    try {
      const done = await work(new OpenTransaction({ ...this.#options, connection, tables: this.tables }))
      await connection.query('COMMIT')
      return done
    } catch (error) {
      // Where that fails too the connection is gone, and the server rolls back by itself.
      await connection.query('ROLLBACK').catch(() => this.#drop(connection))
      throw error
    }
  }

  async #session(): Promise<Connection> {
    if (this.#connection) return this.#connection
    const connection = await openSession(this.#options.mysql)
    try {
      await bounded(connection, async () => {
        await connection.query(`SET SESSION gtid_next = 'AUTOMATIC:${appliedTag(this.#options.source)}'`)
        await this.tables.load(connection)
      })
    } catch (error) {
      connection.destroy()
      throw asApplyError(error)
    }
    for (const event of ['error', 'end'] as const) connection.on(event, () => this.#drop(connection))
    this.#connection = connection
    return connection
  }

  /** A connection that broke is given up, whatever the library says of it then. */
  async #surely<T>(connection: Connection, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await bounded(connection, work, signal)
    } catch (cause) {
      const error = meetsWriter(cause) ? cause : asApplyError(cause)
      if (EzoneError.is(error, 'EZ_STORE_UNREACHABLE') || signal?.aborted) this.#drop(connection)
      if (this.#connection === connection || EzoneError.is(error)) throw error
      throw new EzoneError('EZ_STORE_UNREACHABLE', 'the connection to MySQL broke', { cause })
    }
  }

  #drop(connection: Connection): void {
    if (this.#connection === connection) this.#connection = null
    connection.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#connection) this.#drop(this.#connection)
  }
}

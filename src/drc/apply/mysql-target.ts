import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, EzoneError, type MysqlAccess } from '@ezone/sdk/model'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { TargetStore, TargetTransaction } from '../core/applier.ts'
import { appliedTag } from '../core/origin.ts'
import type { Position } from '../core/types.ts'
import { limits } from '../limits.ts'
import { asApplyError, meetsWriter } from './mysql-error.ts'
import { Interfered, OpenTransaction } from './open-transaction.ts'
import { openSession } from './session.ts'
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

  async positions(): Promise<Position> {
    const connection = await this.#session()
    return this.#surely(async () => {
      const [rows] = await connection.query<RowDataPacket[]>(
        'SELECT uuid, gno FROM ezone_drc.position WHERE source = ?',
        [this.#options.source],
      )
      return new Map(rows.map(({ uuid, gno }) => [String(uuid), Number(gno)]))
    })
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
        return await this.#surely(() => this.#once(connection, work))
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
    await this.#surely(() => this.tables.load(connection))
  }

  async #once<T>(connection: Connection, work: (open: TargetTransaction) => Promise<T>): Promise<T> {
    await connection.query('START TRANSACTION')
    try {
      const done = await work(new OpenTransaction({ ...this.#options, connection, tables: this.tables }))
      await connection.query('COMMIT')
      return done
    } catch (error) {
      // Where that fails too the connection is gone, and the server rolls back by itself.
      await connection.query('ROLLBACK').catch(() => this.#drop())
      throw error
    }
  }

  async #session(): Promise<Connection> {
    if (this.#connection) return this.#connection
    const connection = await openSession(this.#options.mysql)
    try {
      await connection.query(`SET SESSION gtid_next = 'AUTOMATIC:${appliedTag(this.#options.source)}'`)
      await this.tables.load(connection)
    } catch (error) {
      connection.destroy()
      throw asApplyError(error)
    }
    this.#connection = connection
    return connection
  }

  /** Bounded in time; after a failure of the wire the connection is given up. */
  async #surely<T>(work: () => Promise<T>): Promise<T> {
    const late = AbortSignal.timeout(limits.statementMs)
    const cut = () => this.#drop()
    late.addEventListener('abort', cut, { once: true })
    try {
      return await work()
    } catch (error) {
      const known = meetsWriter(error) ? error : asApplyError(error)
      if (EzoneError.is(known, 'EZ_STORE_UNREACHABLE')) this.#drop()
      throw known
    } finally {
      late.removeEventListener('abort', cut)
    }
  }

  #drop(): void {
    this.#connection?.destroy()
    this.#connection = null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#drop()
  }
}

import { type Clock, type FenceRow, fenceLimits, type MysqlAccess } from '../model/index.ts'
import { Connections } from './connections.ts'
import { type FenceSql, fenceRow, fenceValues } from './fence-sql.ts'
import { type Gtid, ownGno } from './gtids.ts'
import type { Session } from './session.ts'
import { fenceColumns } from './sql.ts'
import { changeAndKill } from './writers.ts'

export interface FenceChange {
  /** False where the row was under another epoch than expected, or is not there: nothing was changed. */
  readonly done: boolean
  /** The row as it is now; undefined where there is none. */
  readonly row: FenceRow | undefined
  /** Once this transaction of the own server has arrived somewhere, so has every write from before the change. */
  readonly barrier: Gtid
  /** How many connections with late writes were ended for it. */
  readonly killed: number
}

export interface FenceOptions {
  /** How long writes in flight may take before they are killed; 1 s by default. */
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

/**
 * The fence rows of a zone, for the one who may write them: its lease-keeper, under an account of its own.
 *
 * A change of a row waits for the writes it let through, and whoever comes later waits behind the change. So when a
 * change has returned, every write under the older epoch is in the database, or will never be.
 */
export class Fences implements AsyncDisposable {
  readonly #connections: Connections

  private constructor(options: { readonly mysql: MysqlAccess; readonly clock: Clock }) {
    this.#connections = new Connections({ ...options, connectionsMax: 4 })
  }

  /** Connects on demand. @param options.mysql as the account `fence` */
  static open(options: { readonly mysql: MysqlAccess; readonly clock: Clock }): Fences {
    return new Fences(options)
  }

  /** @throws EZ_STORE_UNREACHABLE, as all below */
  read(signal?: AbortSignal): Promise<readonly FenceRow[]> {
    return this.#connections.with(async (session) => {
      const rows = await session.rows<FenceSql>(`SELECT ${fenceColumns} FROM ezone.fence ORDER BY shard`)
      return rows.map(fenceRow)
    }, signal)
  }

  /** Creates the rows that are missing and touches no other; how many it created. */
  seed(rows: readonly FenceRow[], signal?: AbortSignal): Promise<number> {
    if (rows.length === 0) return Promise.resolve(0)
    const places = rows.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')
    return this.#connections.with(
      (session) =>
        session.change(`INSERT IGNORE INTO ezone.fence (${fenceColumns}) VALUES ${places}`, rows.flatMap(fenceValues)),
      signal,
    )
  }

  /**
   * Makes a row what it shall be, if it is still under the epoch expected (or is already what it shall be, as after a
   * crash of the caller). Returns when every write under the older row has ended.
   * @throws EZ_WAIT_TIMEOUT where a late write could not be ended in time: the row is as it was
   */
  set(
    { row, fromEpoch }: { readonly row: FenceRow; readonly fromEpoch: number },
    options: FenceOptions = {},
  ): Promise<FenceChange> {
    const [shard = '', ...rest] = fenceValues(row)
    const set = 'zone = ?, epoch = ?, state = ?, taken_epoch = ?, lease_until_ms = ?'
    return this.#change(row.shard, options, {
      sql: `UPDATE ezone.fence SET ${set} WHERE shard = ? AND (epoch = ? OR (epoch = ? AND zone = ? AND state = ?))`,
      values: [...rest, shard, String(fromEpoch), String(row.epoch), row.zone, row.state],
    })
  }

  /**
   * Extends the lease of a zone's rows, never shortens it; how many rows it extended. Writers that hold a row for so
   * long that the lease would end are killed.
   */
  extendLease(
    { zone, untilMs }: { readonly zone: string; readonly untilMs: number },
    options: FenceOptions = {},
  ): Promise<number> {
    const sql = 'UPDATE ezone.fence SET lease_until_ms = ? WHERE zone = ? AND lease_until_ms < ?'
    return this.#connections.with(async (session) => {
      const until = String(untilMs)
      return (await this.#late(session, { sql, values: [until, zone, until] }, options)).found
    }, options.signal)
  }

  /** How far the changes of another zone have been applied here: one entry per server it has had. */
  position(source: string, signal?: AbortSignal): Promise<readonly Gtid[]> {
    return this.#connections.with(async (session) => {
      const sql = 'SELECT uuid, gno FROM ezone_drc.position WHERE source = ?'
      const rows = await session.rows<{ uuid: string; gno: string }>(sql, [source])
      return rows.map(({ uuid, gno }) => ({ uuid, gno: Number(gno) }))
    }, signal)
  }

  /** How many rows have a conflict across a takeover and are not locked yet. */
  locksDue(signal?: AbortSignal): Promise<number> {
    return this.#connections.with(async (session) => {
      const [row] = await session.rows<{ due: string }>(
        'SELECT COUNT(*) AS due FROM ezone_drc.conflict WHERE locks = 1',
      )
      return Number(row?.due ?? 0)
    }, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connections[Symbol.asyncDispose]()
  }

  #change(shard: number, options: FenceOptions, update: { sql: string; values: string[] }): Promise<FenceChange> {
    return this.#connections.with(async (session) => {
      const { found, killed } = await this.#late(session, update, options)
      const [row] = await session.rows<FenceSql>(`SELECT ${fenceColumns} FROM ezone.fence WHERE shard = ?`, [shard])
      // The newest transaction of the own server is this change or one after it: as good a barrier, and known also
      // where the row was already what it shall be, so that nothing was written just now.
      const sql = 'SELECT @@GLOBAL.gtid_executed AS gtids, @@GLOBAL.server_uuid AS uuid'
      const [server] = await session.rows<{ gtids: string; uuid: string }>(sql)
      const { gtids, uuid } = server ?? { gtids: '', uuid: '' }
      return { done: found > 0, row: row && fenceRow(row), barrier: { uuid, gno: ownGno(gtids, uuid) }, killed }
    }, options.signal)
  }

  #late(session: Session, update: { sql: string; values: string[] }, { waitMs, signal }: FenceOptions) {
    const others = <T>(use: (other: Session) => Promise<T>) => this.#connections.with(use, signal)
    return changeAndKill(session, update, {
      others,
      waitMs: waitMs ?? fenceLimits.freezeWaitMs,
      ...(signal && { signal }),
    })
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Claim,
  type Clock,
  decideFence,
  EzoneError,
  type FenceDecision,
  type FenceRow,
  fenceLimits,
  type MysqlAccess,
} from '../model/index.ts'
import { Connections } from './connections.ts'
import { type FenceSql, fenceRow } from './fence-sql.ts'
import { migrate } from './migrate.ts'
import { neverRead, rowBusy, serverSaid } from './outcome.ts'
import type { Session } from './session.ts'
import { claimed, ShardTx } from './shard-tx.ts'
import { exact, fenceColumns, fenceForShare, fenceLetsThrough, mustBe, nowMsSql, quotedName } from './sql.ts'
import { Statements } from './statements.ts'
import { commit, rollback } from './transaction.ts'
import type { SqlRow, SqlValue, Tx, WriteClaim } from './types.ts'

export interface ZoneDatabaseOptions {
  readonly mysql: MysqlAccess
  /** The own zone. */
  readonly zone: string
  readonly clock: Clock
  readonly connectionsMax?: number
}

/**
 * The zone's MySQL, for services of the business. What it writes has passed the fence row of its shard, in the same
 * transaction and under a lock that a freeze waits for: the database decides, not this program.
 *
 * An error says that nothing was done, unless it is EZ_OUTCOME_UNKNOWN. Errors of MySQL about the statement itself
 * (ER_DUP_ENTRY and the like) come as they are.
 */
export class ZoneDatabase implements AsyncDisposable {
  readonly #connections: Connections
  readonly #zone: string
  readonly #clock: Clock

  private constructor({ zone, ...options }: ZoneDatabaseOptions) {
    this.#connections = new Connections(options)
    this.#zone = zone
    this.#clock = options.clock
  }

  /** Connects on demand. */
  static open(options: ZoneDatabaseOptions): ZoneDatabase {
    return new ZoneDatabase(options)
  }

  /**
   * Runs some work as one transaction of a shard. Its fence row is read with the BEGIN, in one round trip, and stays
   * locked against a freeze until the transaction ends; the work must send its statements through `tx` alone, and be
   * done within a few seconds.
   *
   * @throws EZ_NO_SHARD, EZ_STALE_EPOCH, EZ_WRONG_ZONE_WRITE, EZ_SHARD_FROZEN, EZ_LEASE_EXPIRED, EZ_STORE_UNREACHABLE,
   *   EZ_OVERLOADED: nothing was done. EZ_OUTCOME_UNKNOWN: COMMIT was sent, and not answered. Whatever the work throws
   */
  async write<T>(claim: WriteClaim, work: (tx: Tx) => Promise<T>): Promise<T> {
    checkClaim(claim)
    const endMs = this.#clock.monotonicMs() + fenceLimits.lagMs
    for (;;) {
      const attempt = await this.#attempt(claim, work)
      if ('result' in attempt) return attempt.result
      await this.#look(endMs, attempt.wait, claim.signal)
    }
  }

  /**
   * Inserts one row, durable when it returns, in one round trip: the fence is part of the statement. Shard and epoch
   * are those of the claim.
   * @throws as `write`
   */
  async insert(claim: WriteClaim, table: string, row: Readonly<Record<string, SqlValue>>): Promise<void> {
    checkClaim(claim)
    const { columns, values } = claimed(row, claim)
    const sql = `INSERT INTO ${quotedName(table)} (${columns.map(quotedName).join(', ')})
      SELECT ${columns.map(() => '?').join(', ')} ${fenceLetsThrough}`
    const parameters = [...values.map(exact), claim.shard, this.#zone, claim.epoch]
    const endMs = this.#clock.monotonicMs() + fenceLimits.lagMs
    for (;;) {
      if ((await this.#insertOnce(sql, parameters, claim.signal)) > 0) return
      // Refused. The row says why; where it would let through by now, or lags behind, it is tried again.
      const decision = await this.#decision(claim)
      if (decision.kind === 'refuse') throw new EzoneError(decision.code, decision.why)
      const why = decision.kind === 'wait' ? decision.why : `the fence of shard ${claim.shard} changes all the time`
      await this.#look(endMs, why, claim.signal)
    }
  }

  /** Reads without a transaction: what is committed in this zone. @throws EZ_STORE_UNREACHABLE, EZ_OVERLOADED */
  async read<Row = SqlRow>(
    sql: string,
    values: readonly SqlValue[] = [],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly Row[]> {
    mustBe('read', sql)
    return this.#with((session) => session.rows<Row>(sql, values), signal)
  }

  /** The fence row of a shard, as this zone has it. */
  async fence(shard: number): Promise<FenceRow | undefined> {
    const [row] = await this.#seen(shard)
    return row && fenceRow(row)
  }

  /** @throws EZ_STORE_UNREACHABLE */
  async ping(): Promise<void> {
    await this.read('SELECT 1')
  }

  /** Brings the schemas of a service up to date; see `migrate`. */
  migrate(service: string, migrations: readonly (readonly string[])[]): Promise<void> {
    return this.#with((session) => migrate(session, service, migrations))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connections[Symbol.asyncDispose]()
  }

  /** One try: the result, or why the fence has to be waited for. */
  async #attempt<T>(claim: WriteClaim, work: (tx: Tx) => Promise<T>): Promise<{ result: T } | { wait: string }> {
    const session = await this.#connections.take(claim.signal)
    const statements = new Statements(session, claim.signal)
    try {
      const decision = await this.#begin(session, claim)
      if (decision.kind === 'refuse') throw new EzoneError(decision.code, decision.why)
      if (decision.kind === 'wait') {
        await rollback(session)
        return { wait: decision.why }
      }
      const beganMs = this.#clock.monotonicMs()
      const result = await work(new ShardTx(statements, claim))
      this.#checkAge(beganMs, claim.signal)
      await commit(statements)
      return { result }
    } catch (error) {
      await rollback(session)
      throw await this.#told(error, session, claim)
    } finally {
      statements.end()
      this.#connections.give(session)
    }
  }

  async #begin(session: Session, claim: Claim): Promise<FenceDecision> {
    const [, rows] = await session.text(`START TRANSACTION; ${fenceForShare(claim.shard)}`)
    return this.#decide(rows as readonly FenceSeen[], claim)
  }

  #decide([row]: readonly FenceSeen[], claim: Claim): FenceDecision {
    return decideFence(row && fenceRow(row), claim, { zone: this.#zone, nowMs: Number(row?.now_ms ?? 0) })
  }

  /** A transaction that has become too old for what the lease-keepers count on is not committed any more. */
  #checkAge(beganMs: number, signal: AbortSignal | undefined): void {
    signal?.throwIfAborted()
    const ageMs = Math.round(this.#clock.monotonicMs() - beganMs)
    if (ageMs > fenceLimits.writeMs)
      throw new EzoneError('EZ_DEADLINE_PASSED', `the write took ${ageMs} ms, longer than it may; nothing was written`)
  }

  /** What a failure before COMMIT is to the caller: nothing was done, and the fence may say why. */
  async #told(error: unknown, session: Session, claim: WriteClaim): Promise<unknown> {
    if (EzoneError.is(error)) return error
    if (claim.signal?.aborted)
      return new EzoneError('EZ_DEADLINE_PASSED', 'nobody waits for the write any more; nothing was written', {
        cause: error,
      })
    // Only the fence itself is waited for outside of a statement of the work's.
    if (rowBusy(error))
      return new EzoneError(
        'EZ_SHARD_FROZEN',
        `the fence of shard ${claim.shard} is being changed; nothing was written`,
      )
    if (!session.lost) return error
    const decision = await this.#decision(claim)
    if (decision.kind === 'refuse') return new EzoneError(decision.code, decision.why, { cause: error })
    return new EzoneError('EZ_STORE_UNREACHABLE', 'the database ended the transaction; nothing was written', {
      cause: error,
    })
  }

  async #insertOnce(sql: string, values: readonly SqlValue[], signal: AbortSignal | undefined): Promise<number> {
    const session = await this.#connections.take(signal)
    try {
      return await session.change(sql, values)
    } catch (error) {
      if (rowBusy(error)) throw new EzoneError('EZ_OVERLOADED', 'another write holds the row; nothing was done')
      if (neverRead(error))
        throw new EzoneError('EZ_STORE_UNREACHABLE', 'the database had closed the connection', { cause: error })
      if (serverSaid(error)) throw error
      throw new EzoneError('EZ_OUTCOME_UNKNOWN', 'the database did not confirm the write', { cause: error })
    } finally {
      this.#connections.give(session)
    }
  }

  /** What the fence says now, outside of any transaction. */
  async #decision(claim: Claim): Promise<FenceDecision> {
    return this.#decide(await this.#seen(claim.shard), claim)
  }

  #seen(shard: number): Promise<readonly FenceSeen[]> {
    return this.read<FenceSeen>(`SELECT ${fenceColumns}, ${nowMsSql} AS now_ms FROM ezone.fence WHERE shard = ?`, [
      shard,
    ])
  }

  /** @throws EZ_STALE_EPOCH where the fence has lagged for as long as a write may wait */
  async #look(endMs: number, why: string, signal: AbortSignal | undefined): Promise<void> {
    if (this.#clock.monotonicMs() >= endMs) throw new EzoneError('EZ_STALE_EPOCH', why)
    await sleep(fenceLimits.lagLookMs, undefined, { ...(signal && { signal }) })
  }

  async #with<T>(use: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const session = await this.#connections.take(signal)
    try {
      return await use(session)
    } catch (error) {
      if (serverSaid(error) || EzoneError.is(error)) throw error
      throw new EzoneError('EZ_STORE_UNREACHABLE', 'the database does not answer', { cause: error })
    } finally {
      this.#connections.give(session)
    }
  }
}

type FenceSeen = FenceSql & { readonly now_ms: string }

/** @throws EZ_NO_SHARD: what JavaScript callers may leave out, a multi-active table may not be written without */
function checkClaim({ shard, epoch }: Claim): void {
  const sound = [shard, epoch].every((number) => Number.isSafeInteger(number) && number > 0)
  if (!sound) throw new EzoneError('EZ_NO_SHARD', `a write names a shard and an epoch, not ${shard} and ${epoch}`)
}

import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Claim,
  type Clock,
  decideFence,
  EzoneError,
  type FenceDecision,
  type FenceRow,
  fenceLimits,
  hasPlanted,
  type MysqlAccess,
  type PlantedBug,
} from '../model/index.ts'
import { Connections } from './connections.ts'
import { type FenceSql, fenceRow } from './fence-sql.ts'
import { limits } from './limits.ts'
import { migrate } from './migrate.ts'
import { neverRead, rowBusy, serverSaid } from './outcome.ts'
import type { Session } from './session.ts'
import { claimed, ShardTx } from './shard-tx.ts'
import { exact, fenceColumns, insertFenced, mustBe, nowMsSql, unfenced } from './sql.ts'
import { Statements } from './statements.ts'
import { commit, rollback } from './transaction.ts'
import type { SqlRow, SqlValue, Tx, WriteClaim } from './types.ts'

export interface ZoneDatabaseOptions {
  readonly mysql: MysqlAccess
  /** The own zone. */
  readonly zone: string
  readonly clock: Clock
  readonly connectionsMax?: number
  /** Of the service's configuration. */
  readonly sabotage?: readonly PlantedBug[]
}

/**
 * The zone's MySQL, for services of the business. What it writes has passed the fence row of its shard, in the same
 * transaction and under a lock that a freeze waits for: the database decides, not this program.
 *
 * An error says that nothing was done, unless it is EZ_OUTCOME_UNKNOWN. Errors of MySQL about the statement itself
 * (ER_DUP_ENTRY and the like) come as they are.
 */
export class ZoneDatabase implements AsyncDisposable {
  /** For transactions: their first statement begins them. */
  readonly #transactions: Connections
  /** For single statements. */
  readonly #statements: Connections
  readonly #zone: string
  readonly #clock: Clock
  /** How a statement that passes the fence is sent. */
  readonly #fenced: (sql: string) => string

  private constructor({ zone, sabotage = [], ...options }: ZoneDatabaseOptions) {
    this.#transactions = new Connections({ ...options, autocommit: false })
    this.#statements = new Connections({ connectionsMax: limits.statementConnectionsMax, ...options })
    this.#zone = zone
    this.#clock = options.clock
    this.#fenced = hasPlanted({ sabotage }, 'no-fence') ? unfenced : (sql) => sql
  }

  /** Connects on demand. */
  static open(options: ZoneDatabaseOptions): ZoneDatabase {
    return new ZoneDatabase(options)
  }

  /**
   * Runs some work as one transaction of a shard. Its first statement passes the fence row, which stays locked against a
   * freeze until the transaction ends; the work must send its statements through `tx` alone, and be done within a few
   * seconds.
   *
   * @throws EZ_NO_SHARD, EZ_STALE_EPOCH, EZ_WRONG_ZONE_WRITE, EZ_SHARD_FROZEN, EZ_LEASE_EXPIRED, EZ_STORE_UNREACHABLE,
   *   EZ_OVERLOADED: nothing was done. EZ_OUTCOME_UNKNOWN: COMMIT was sent, and not answered. Whatever the work throws
   */
  async write<T>(claim: WriteClaim, work: (tx: Tx) => Promise<T>): Promise<T> {
    checkClaim(claim)
    const session = await this.#transactions.take(claim.signal)
    const statements = new Statements(session, claim.signal)
    let beganMs = 0
    const tx = new ShardTx(statements, claim, async (sql, values) => {
      const endMs = this.#clock.monotonicMs() + fenceLimits.lagMs
      for (;;) {
        beganMs = this.#clock.monotonicMs()
        if ((await statements.pass(this.#fenced(sql), [...values, ...this.#asks(claim)])) > 0) return
        await rollback(session)
        await this.#refused(claim, endMs)
      }
    })
    try {
      const result = await work(tx)
      await tx.letThrough()
      this.#checkAge(beganMs, claim.signal)
      await commit(statements)
      return result
    } catch (error) {
      await rollback(session)
      throw await this.#told(error, session, claim)
    } finally {
      statements.end()
      this.#transactions.give(session)
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
    const parameters = [...values.map(exact), ...this.#asks(claim)]
    const endMs = this.#clock.monotonicMs() + fenceLimits.lagMs
    while ((await this.#insertOnce(this.#fenced(insertFenced(table, columns)), parameters, claim.signal)) === 0)
      await this.#refused(claim, endMs)
  }

  /** Reads without a transaction: what is committed in this zone. @throws EZ_STORE_UNREACHABLE, EZ_OVERLOADED */
  async read<Row = SqlRow>(
    sql: string,
    values: readonly SqlValue[] = [],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly Row[]> {
    mustBe('read', sql)
    return this.#statements.with((session) => session.rows<Row>(sql, values), signal)
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
    return this.#statements.with((session) => migrate(session, service, migrations))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#transactions[Symbol.asyncDispose](), this.#statements[Symbol.asyncDispose]()])
  }

  #asks = ({ shard, epoch }: Claim): readonly string[] => [String(shard), this.#zone, String(epoch)]

  /**
   * Why the fence did not let a claim through. Returns, after a moment, where it is worth another try: the fence lags
   * behind the table of the claim, or would let it through by now.
   */
  async #refused(claim: WriteClaim, endMs: number): Promise<void> {
    const decision = await this.#decision(claim)
    if (decision.kind === 'refuse') throw new EzoneError(decision.code, decision.why)
    const why = decision.kind === 'wait' ? decision.why : `the fence of shard ${claim.shard} changes all the time`
    if (this.#clock.monotonicMs() >= endMs) throw new EzoneError('EZ_STALE_EPOCH', why)
    await sleep(fenceLimits.lagLookMs, undefined, { ...(claim.signal && { signal: claim.signal }) })
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
    if (!session.lost) return error
    const decision = await this.#decision(claim)
    if (decision.kind === 'refuse') return new EzoneError(decision.code, decision.why, { cause: error })
    return new EzoneError('EZ_STORE_UNREACHABLE', 'the database ended the transaction; nothing was written', {
      cause: error,
    })
  }

  async #insertOnce(sql: string, values: readonly SqlValue[], signal: AbortSignal | undefined): Promise<number> {
    const session = await this.#statements.take(signal)
    try {
      return await session.change(sql, values)
    } catch (error) {
      if (rowBusy(error)) throw new EzoneError('EZ_OVERLOADED', 'another write holds the row; nothing was done')
      if (neverRead(error))
        throw new EzoneError('EZ_STORE_UNREACHABLE', 'the database had closed the connection', { cause: error })
      if (serverSaid(error)) throw error
      throw new EzoneError('EZ_OUTCOME_UNKNOWN', 'the database did not confirm the write', { cause: error })
    } finally {
      this.#statements.give(session)
    }
  }

  /** What the fence says now, outside of any transaction. */
  async #decision(claim: Claim): Promise<FenceDecision> {
    const [row] = await this.#seen(claim.shard)
    return decideFence(row && fenceRow(row), claim, { zone: this.#zone, nowMs: Number(row?.now_ms ?? 0) })
  }

  #seen(shard: number): Promise<readonly FenceSeen[]> {
    return this.read<FenceSeen>(`SELECT ${fenceColumns}, ${nowMsSql} AS now_ms FROM ezone.fence WHERE shard = ?`, [
      shard,
    ])
  }
}

type FenceSeen = FenceSql & { readonly now_ms: string }

/** @throws EZ_NO_SHARD: what JavaScript callers may leave out, a multi-active table may not be written without */
function checkClaim({ shard, epoch }: Claim): void {
  const sound = [shard, epoch].every((number) => Number.isSafeInteger(number) && number > 0)
  if (!sound) throw new EzoneError('EZ_NO_SHARD', `a write names a shard and an epoch, not ${shard} and ${epoch}`)
}

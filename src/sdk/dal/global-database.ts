import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, EzoneError, fenceLimits, type ServiceConfig } from '../model/index.ts'
import { Connections } from './connections.ts'
import { limits } from './limits.ts'
import { migrate } from './migrate.ts'
import { isReadOnly } from './outcome.ts'
import type { Session } from './session.ts'
import { mustBe, passGlobal } from './sql.ts'
import { Statements } from './statements.ts'
import { commit, rollback } from './transaction.ts'
import type { GlobalTx, SqlRow, SqlValue } from './types.ts'

export interface GlobalDatabaseOptions {
  readonly global: NonNullable<ServiceConfig['stores']['global']>
  /** The own zone. */
  readonly zone: string
  readonly clock: Clock
}

/**
 * The data of the Global Zone: one zone's server takes the writes, every zone has a copy to read.
 *
 * Which server takes them is asked of the servers: the one that did so last is tried first, and where it refuses or is
 * silent all are asked at once, again and again for a while: the master may be on its way. Then callers are told at once,
 * and the next one asks again after a short pause: a cut link must not fill a service with requests that wait for it.
 */
export class GlobalDatabase implements AsyncDisposable {
  readonly #zone: string
  readonly #clock: Clock
  /** Every statement on them belongs to a transaction. */
  readonly #members: ReadonlyMap<string, Connections>
  readonly #near: Connections | undefined
  #writable: string
  #nobody: { readonly untilMs: number; readonly error: EzoneError } | undefined

  private constructor({ global, zone, clock }: GlobalDatabaseOptions) {
    this.#zone = zone
    this.#clock = clock
    this.#writable = global.master
    const options = {
      clock,
      connectionsMax: limits.globalConnectionsMax,
      connectMs: limits.globalConnectMs,
      statementMs: limits.globalStatementMs,
    }
    const members = Object.entries(global.members)
    this.#members = new Map(
      members.map(([name, mysql]) => [name, new Connections({ ...options, mysql, autocommit: false })]),
    )
    const near = global.members[zone]
    this.#near = near && new Connections({ ...options, mysql: near })
  }

  /** Connects on demand. */
  static open(options: GlobalDatabaseOptions): GlobalDatabase {
    return new GlobalDatabase(options)
  }

  /**
   * Runs some work as one transaction on the server that takes writes, across the link if need be. Where the master moves
   * under it, and it is certain that nothing was done, the work is done again at the new one.
   * @throws EZ_GLOBAL_UNREACHABLE, EZ_OVERLOADED: nothing was done. EZ_OUTCOME_UNKNOWN: COMMIT was sent, and not
   *   answered. Errors of MySQL about a statement (ER_DUP_ENTRY) and whatever the work throws come as they are
   */
  async write<T>(work: (tx: GlobalTx) => Promise<T>, { signal }: { readonly signal?: AbortSignal } = {}): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#write(work, signal)
      } catch (error) {
        const again = error instanceof NothingDone && tries < limits.globalTriesMax
        if (!again) throw error instanceof NothingDone ? error.told : error
        signal?.throwIfAborted()
      }
    }
  }

  /**
   * Reads: near, from the own zone's copy, which may lag behind; or from the master, what is committed now.
   * @throws EZ_STORE_UNREACHABLE (near), EZ_GLOBAL_UNREACHABLE (master)
   */
  async read<Row = SqlRow>(
    sql: string,
    values: readonly SqlValue[] = [],
    { from = 'near', signal }: { readonly from?: 'near' | 'master'; readonly signal?: AbortSignal } = {},
  ): Promise<readonly Row[]> {
    mustBe('read', sql)
    if (from === 'master') return this.#withMaster((session) => session.rows<Row>(sql, values), signal)
    if (this.#near === undefined) throw noMember(this.#zone)
    return this.#near.with((session) => session.rows<Row>(sql, values), signal)
  }

  /** Brings the schemas of a service up to date, on the server that takes writes; the others follow by themselves. */
  migrate(service: string, migrations: readonly (readonly string[])[]): Promise<void> {
    return this.#withMaster(async (session) => {
      // Each statement of it commits by itself.
      await rollback(session)
      try {
        await session.text('SET autocommit = ON')
        await migrate(session, service, migrations)
      } finally {
        await session.text('SET autocommit = OFF').catch(() => session.destroy())
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#members.values(), ...(this.#near ? [this.#near] : [])]
    await Promise.all(all.map((connections) => connections[Symbol.asyncDispose]()))
  }

  async #write<T>(work: (tx: GlobalTx) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const { session, connections } = await this.#begin(signal)
    const begunAtMs = this.#clock.monotonicMs()
    const statements = new Statements(session, signal)
    try {
      const result = await work(statements)
      signal?.throwIfAborted()
      // Later than this another one may be the master.
      if (this.#clock.monotonicMs() - begunAtMs > fenceLimits.writeMs)
        throw new EzoneError('EZ_OVERLOADED', `the write took longer than ${fenceLimits.writeMs} ms; nothing was done`)
      await commit(statements)
      return result
    } catch (error) {
      await rollback(session)
      throw told(error, session)
    } finally {
      statements.end()
      connections.give(session)
    }
  }

  async #withMaster<T>(use: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { session, connections } = await this.#begin(signal)
    try {
      return await use(session)
    } catch (error) {
      const said = told(error, session)
      throw said instanceof NothingDone ? said.told : said
    } finally {
      await rollback(session)
      connections.give(session)
    }
  }

  /** A transaction begun on the server that takes writes. */
  async #begin(signal: AbortSignal | undefined): Promise<Begun> {
    if (this.#nobody && this.#clock.monotonicMs() < this.#nobody.untilMs) throw this.#nobody.error
    const late = AbortSignal.timeout(limits.globalMoveMs)
    const end = signal ? AbortSignal.any([signal, late]) : late
    const beganAtMs = this.#clock.monotonicMs()
    let found = await this.#beginAt(this.#writable, end).catch((error: unknown) => ({ error }))
    while ('error' in found) {
      found = await this.#beginAnywhere(end).catch((error: unknown) => ({ error }))
      if (!('error' in found)) break
      signal?.throwIfAborted()
      const maxMs = allRefuse(found.error) ? limits.globalMoveMs : limits.globalFindMs
      if (this.#clock.monotonicMs() - beganAtMs + limits.globalAskMs > maxMs) throw this.#nobodyTakes(found.error)
      await sleep(limits.globalAskMs, undefined, { signal: end }).catch(() => {})
    }
    this.#writable = found.zone
    this.#nobody = undefined
    return found
  }

  #nobodyTakes(cause: unknown): EzoneError {
    const error = unreachable('no server of the Global Zone takes writes, as far as this zone can see', cause)
    this.#nobody = { untilMs: this.#clock.monotonicMs() + limits.globalPauseMs, error }
    return error
  }

  /** Asks every member at once; the first that takes writes is used. */
  async #beginAnywhere(end: AbortSignal): Promise<Begun> {
    const asked = [...this.#members.keys()].map((zone) => this.#beginAt(zone, end))
    const first = await Promise.any(asked)
    // Two masters there are never; should one have been made meanwhile, its transaction is not left open.
    const spare = async (begun: Begun) => {
      if (begun !== first) await giveUp(begun)
    }
    for (const other of asked) void other.then(spare).catch(() => {})
    return first
  }

  /** Rejects where that server is silent, or says that it takes no writes. */
  async #beginAt(zone: string, end: AbortSignal): Promise<Begun> {
    const connections = this.#connectionsOf(zone)
    const session = await connections.take(end)
    try {
      const [row] = await session.text(passGlobal, limits.globalConnectMs)
      if (row === undefined) throw new Refused()
      return { zone, connections, session }
    } catch (error) {
      await rollback(session)
      connections.give(session)
      throw error
    }
  }

  #connectionsOf(zone: string): Connections {
    const connections = this.#members.get(zone)
    if (connections === undefined) throw noMember(zone)
    return connections
  }
}

interface Begun {
  readonly zone: string
  readonly connections: Connections
  readonly session: Session
}

async function giveUp({ session, connections }: Begun): Promise<void> {
  await rollback(session)
  connections.give(session)
}

/** A server that takes no writes: it was never told to, or its lease has ended. */
class Refused extends Error {}

const allRefuse = (error: unknown) =>
  error instanceof AggregateError && error.errors.every((each) => each instanceof Refused)

/** The server has refused or ended the transaction before COMMIT: the work may be done again. */
class NothingDone extends Error {
  readonly told: EzoneError

  constructor(told: EzoneError) {
    super(told.message)
    this.told = told
  }
}

/** What a failure before COMMIT is to the caller. */
function told(error: unknown, session: Session): unknown {
  if (EzoneError.is(error)) return error
  if (isReadOnly(error))
    return new NothingDone(unreachable('the server has just ceased to be the master; nothing was written', error))
  if (session.lost) return new NothingDone(unreachable('the server ended the transaction; nothing was written', error))
  return error
}

const noMember = (zone: string) => new EzoneError('EZ_GLOBAL_UNREACHABLE', `the Global Zone has no member ${zone}`)

const unreachable = (why: string, cause: unknown) => new EzoneError('EZ_GLOBAL_UNREACHABLE', why, { cause })

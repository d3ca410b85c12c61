import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, EzoneError, type MysqlAccess } from '../model/index.ts'
import { type Channel, channelsOf, leaveChannel, quoted, startChannel, stopOthers, stopped } from './channels.ts'
import { Connections } from './connections.ts'
import { type KeepAside, makeAnew, strayRows } from './global-anew.ts'
import { limits } from './limits.ts'
import type { Session } from './session.ts'

export interface GlobalServerOptions {
  /** The own zone's server, as the account `fence`. */
  readonly own: MysqlAccess
  readonly clock: Clock
}

/** How far the others have what this server commits. */
export interface SemiSync {
  /** Whether a commit waits until enough others have received it. */
  readonly on: boolean
  /** How many others receive and say so. */
  readonly receivers: number
  /** Commits that wait now, and those that were received so far. */
  readonly waiting: number
  readonly received: number
}

export interface Followed {
  readonly following: boolean
  /** Why not, in the server's words or ours; empty where it does. */
  readonly trouble: string
}

/**
 * A server of the Global Zone, for its lease-keeper, who makes it what the truth says: the master, stopped, or a replica.
 * All of it looks at what is and does what is missing, so it may be asked again and again. Nothing of it is in the binlog.
 *
 * No server takes writes before it was told to, so after any crash there is at most one that does. And a master takes
 * them only while its lease lasts: the DAL begins every transaction with a look at it.
 */
export class GlobalServer implements AsyncDisposable {
  readonly #clock: Clock
  readonly #connections: Connections

  private constructor({ own, clock }: GlobalServerOptions) {
    this.#clock = clock
    this.#connections = new Connections({ mysql: own, clock, connectionsMax: 4 })
  }

  /** Connects on demand. */
  static open(options: GlobalServerOptions): GlobalServer {
    return new GlobalServer(options)
  }

  /**
   * Makes it the master, or leaves it so: follows nobody, after it has applied all that it had received; takes writes
   * until the lease ends. A commit waits for the other zones where it was `covered`.
   * @throws EZ_STORE_UNREACHABLE, as all below; EZ_WAIT_TIMEOUT where what was received is not applied in time
   */
  lead(
    { covered, others, untilMs }: { readonly covered: boolean; readonly others: number; readonly untilMs: number },
    signal?: AbortSignal,
  ): Promise<void> {
    return this.#local(async (session) => {
      for (const channel of await channelsOf(session)) if (!stopped(channel)) await leaveChannel(session, channel)
      if (await isReadOnly(session)) {
        // As it was believed to be: what comes after it is never less safe than what the truth says.
        await session.text(`SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = ${Math.max(1, others)}`)
        await switchSemiSync(session, covered)
        await session.text('SET GLOBAL read_only = OFF')
      }
      const until = String(Math.floor(untilMs))
      await session.change('UPDATE ezone.global_lease SET until_ms = ? WHERE until_ms < ?', [until, until])
    }, signal)
  }

  /**
   * Ends its taking writes, and says what it has executed: no more will ever come. Planned: transactions in flight may
   * end, for a second. Hard: commits may wait in it for a zone that does not answer. They are let go when nobody waits
   * for their answer any more, so that none of them is ever taken for done.
   */
  async stop(how: 'planned' | 'hard', signal?: AbortSignal): Promise<string> {
    return (await this.#stop(how, signal)).executed
  }

  /**
   * Makes it a replica of the master at `at`, or leaves it so. What it has executed and the master has not is never
   * carried on: it is put aside by `keepAside`, and the server is made anew from the master's own history.
   */
  async follow(
    { master, at, keepAside }: { readonly master: string; readonly at: MysqlAccess; readonly keepAside: KeepAside },
    signal?: AbortSignal,
  ): Promise<Followed> {
    const { wrote } = await this.#stop('hard', signal)
    return this.#local(async (session) => {
      const name = `from_${master}`
      // One that took writes a moment ago is compared with the master whatever it followed.
      await stopOthers(session, wrote ? '' : name)
      const before = channelNamed(await channelsOf(session), name)
      if (before.Replica_IO_Running === 'No' || before.Replica_SQL_Running === 'No') {
        const trouble = await this.#compare(session, at, keepAside).catch((error: unknown) => {
          // Far or near: it is told what it was, and tried again.
          if (EzoneError.is(error, 'EZ_STORE_UNREACHABLE')) return `${master}: ${error.message}`
          throw error
        })
        if (trouble !== '') return { following: false, trouble }
        // What it applies waits for nobody: that was between the master and this server.
        await switchSemiSync(session, false)
        // A thread that an error has ended stays down; the start tries it again.
        await startChannel(session, name)
      }
      const now = channelNamed(await channelsOf(session), name)
      return {
        following: now.Replica_IO_Running === 'Yes' && now.Replica_SQL_Running === 'Yes',
        trouble: now.Last_SQL_Error || now.Last_IO_Error,
      }
    }, signal)
  }

  executed(signal?: AbortSignal): Promise<string> {
    return this.#connections.with(executedOf, signal)
  }

  /** Whether it has executed all of a GTID set; waits for it a little. */
  has(gtids: string, waitMs: number, signal?: AbortSignal): Promise<boolean> {
    return this.#connections.with(async (session) => {
      // Zero seconds would be for ever.
      const look = waitMs > 0 ? `WAIT_FOR_EXECUTED_GTID_SET(${quoted(gtids)}, ${waitMs / 1000})` : hasNot(gtids)
      const sql = `SELECT ${look} AS late`
      const [row] = (await session.text(sql, waitMs + limits.globalConnectMs)) as readonly { late: unknown }[]
      return String(row?.late) === '0'
    }, signal)
  }

  semiSync(signal?: AbortSignal): Promise<SemiSync> {
    return this.#connections.with(async (session) => {
      const rows = await session.text("SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_source%'")
      const status = new Map(
        (rows as readonly { Variable_name: string; Value: string }[]).map((row) => [row.Variable_name, row.Value]),
      )
      const number = (name: string) => Number(status.get(`Rpl_semi_sync_source_${name}`))
      return {
        on: status.get('Rpl_semi_sync_source_status') === 'ON',
        receivers: number('clients'),
        waiting: number('wait_sessions'),
        received: number('yes_tx'),
      }
    }, signal)
  }

  setSemiSync(on: boolean, signal?: AbortSignal): Promise<void> {
    return this.#connections.with((session) => switchSemiSync(session, on), signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connections[Symbol.asyncDispose]()
  }

  async #stop(
    how: 'planned' | 'hard',
    signal?: AbortSignal,
  ): Promise<{ readonly wrote: boolean; readonly executed: string }> {
    const wrote = await this.#local(async (session) => {
      if (await isReadOnly(session)) return false
      await session.text('UPDATE ezone.global_lease SET until_ms = 0')
      if (how === 'planned') await endWriters(session)
      return true
    }, signal)
    // Longer than the server keeps a silent connection.
    if (wrote && how === 'hard')
      await sleep(limits.globalForgetMs, undefined, { ...(signal && { signal }), ref: false })
    return this.#local(async (session) => {
      if (wrote) await this.#refuse(session, how)
      return { wrote, executed: await executedOf(session) }
    }, signal)
  }

  /** Statements of this server alone. */
  #local<T>(use: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#connections.with(async (session) => {
      await session.text('SET SESSION sql_log_bin = 0, lock_wait_timeout = 2')
      return use(session)
    }, signal)
  }

  /**
   * It waits for the commits that are under way, and new ones wait behind it and fail. So where commits wait for another
   * zone in vain they are let go only now, and nothing slips through after them.
   */
  async #refuse(session: Session, how: 'planned' | 'hard'): Promise<void> {
    const refusing = session.text('SET GLOBAL super_read_only = ON')
    if (how === 'hard') {
      const letGo = async () => {
        await sleep(limits.globalRefuseMs, undefined, { ref: false })
        await this.#connections.with((other) => switchSemiSync(other, false))
      }
      await Promise.all([refusing, letGo()])
    }
    await refusing
  }

  /** Empty where nothing of its own stands against following; else why it has to wait. */
  async #compare(session: Session, at: MysqlAccess, keepAside: KeepAside): Promise<string> {
    const own = await executedOf(session)
    await using far = new Connections({ mysql: at, clock: this.#clock, connectionsMax: 1 })
    return far.with(async (master) => {
      const [row] = (await master.text(
        `SELECT GTID_SUBTRACT(${quoted(own)}, @@GLOBAL.gtid_executed) AS stray, @@GLOBAL.super_read_only AS refuses,
         @@GLOBAL.gtid_purged AS purged`,
      )) as readonly { stray: string; refuses: unknown; purged: string }[]
      if (row === undefined || row.stray === '') return ''
      // It may still be applying what it received from the old master.
      if (String(row.refuses) === '1') return 'the master takes no writes yet'
      if (row.purged !== '') return `this server has ${row.stray}, which the master has not, nor its whole history`
      await keepAside(row.stray.replaceAll('\n', ''), strayRows(session, master))
      await makeAnew(session)
      return ''
    })
  }
}

/** Transactions that have written may end by themselves for a second; then they are ended. Others lose nothing. */
async function endWriters(session: Session): Promise<void> {
  const sql = `SELECT trx_mysql_thread_id AS id FROM information_schema.innodb_trx
    WHERE trx_rows_modified > 0 AND trx_mysql_thread_id NOT IN (0, CONNECTION_ID())`
  const open = async () => (await session.rows<{ id: string }>(sql)).map(({ id }) => id)
  let left = await open()
  for (let waitedMs = 0; left.length > 0 && waitedMs < limits.globalEndMs; waitedMs += limits.globalLookMs) {
    await sleep(limits.globalLookMs, undefined, { ref: false })
    left = await open()
  }
  // Who has ended meanwhile is not there to be ended.
  for (const id of left) await session.text(`KILL ${Number(id)}`).catch(() => {})
}

const hasNot = (gtids: string) => `NOT GTID_SUBSET(${quoted(gtids)}, @@GLOBAL.gtid_executed)`

async function switchSemiSync(session: Session, on: boolean): Promise<void> {
  await session.text(`SET GLOBAL rpl_semi_sync_source_enabled = ${on ? 'ON' : 'OFF'}`)
}

async function isReadOnly(session: Session): Promise<boolean> {
  const [row] = await session.rows<{ on: unknown }>('SELECT @@GLOBAL.super_read_only AS `on`')
  return String(row?.on) === '1'
}

async function executedOf(session: Session): Promise<string> {
  const [row] = await session.rows<{ gtids: string }>('SELECT @@GLOBAL.gtid_executed AS gtids')
  return (row?.gtids ?? '').replaceAll('\n', '')
}

function channelNamed(channels: readonly Channel[], name: string): Channel {
  const channel = channels.find((each) => each.Channel_Name === name)
  if (channel === undefined) throw new EzoneError('EZ_BUG', `the server of this zone has no channel ${name}`)
  return channel
}

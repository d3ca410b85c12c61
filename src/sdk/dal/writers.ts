import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError, fenceLimits } from '../model/index.ts'
import type { Session } from './session.ts'

/** How often it looks whether what was killed is gone. */
const lookMs = 100

export interface Killing {
  /** A connection for looking and killing, while the change itself waits on its own. */
  readonly others: <T>(use: (other: Session) => Promise<T>) => Promise<T>
  readonly waitMs: number
  readonly signal?: AbortSignal
}

/**
 * Changes fence rows, and ends whoever keeps it waiting for longer than `waitMs`.
 *
 * The change stays queued for the row's lock all the time: InnoDB lets nobody pass who came after it, so no writer slips
 * in between a kill and the next try. A killed transaction is rolled back by the server, or it was committing already
 * and has committed before the lock is given on. Returns how many rows were found.
 *
 * @throws EZ_WAIT_TIMEOUT where what was killed is not gone in time: nothing was changed
 */
export async function changeAndKill(
  session: Session,
  { sql, values }: { readonly sql: string; readonly values: readonly string[] },
  { others, waitMs, signal }: Killing,
): Promise<{ readonly found: number; readonly killed: number }> {
  const lockWaitSeconds = Math.ceil((waitMs + fenceLimits.freezeKillMs) / 1000)
  await session.text(`SET SESSION innodb_lock_wait_timeout = ${lockWaitSeconds}`)
  const over = new AbortController()
  const end = signal ? AbortSignal.any([over.signal, signal]) : over.signal
  const hunt: Hunt = { killed: new Set(), trouble: undefined }
  const hunted = killLate(session.threadId, { others, waitMs }, hunt, end)
  try {
    const found = await session.change(sql, values, (lockWaitSeconds + 1) * 1000)
    return { found, killed: hunt.killed.size }
  } catch (error) {
    if ((error as { code?: string }).code !== 'ER_LOCK_WAIT_TIMEOUT') throw error
    const told = `writes in flight were not gone within ${lockWaitSeconds} s; ${hunt.killed.size} were killed`
    throw new EzoneError('EZ_WAIT_TIMEOUT', told, { cause: hunt.trouble ?? error })
  } finally {
    over.abort()
    await hunted
  }
}

interface Hunt {
  readonly killed: Set<number>
  /** Why the last round could not be done. */
  trouble: unknown
}

/** Never rejects: where nobody can be killed the change itself fails, by its own limit. */
async function killLate(
  waiting: number,
  { others, waitMs }: Pick<Killing, 'others' | 'waitMs'>,
  hunt: Hunt,
  end: AbortSignal,
): Promise<void> {
  // Woken by the end of the change: then there is nothing to do any more.
  const pause = (ms: number) => sleep(ms, true, { signal: end }).catch(() => false)
  const round = async (other: Session) => {
    for (const { id } of await other.rows<{ id: string }>(late, [waiting])) {
      await other.text(`KILL CONNECTION ${Number(id)}`).catch(unlessGone)
      hunt.killed.add(Number(id))
    }
  }
  if (!(await pause(waitMs))) return
  do {
    await others(round).catch((error: unknown) => {
      hunt.trouble = error
    })
  } while (await pause(lookMs))
}

/**
 * Who may be in the way of the change of connection `?`: every transaction that began no later than it did and holds a
 * lock, but for other changes of fences, the replication's and the server's own. Which rows it holds would take the performance schema, which is
 * off; a transaction older than the wait is killed although it may be of another shard. It is rolled back, and told.
 */
const late = `SELECT trx.trx_mysql_thread_id AS id
  FROM information_schema.innodb_trx trx
  JOIN information_schema.innodb_trx mine ON mine.trx_mysql_thread_id = ?
  JOIN information_schema.processlist client ON client.id = trx.trx_mysql_thread_id
  WHERE trx.trx_mysql_thread_id <> mine.trx_mysql_thread_id AND trx.trx_started <= mine.trx_started
    AND trx.trx_rows_locked > 0 AND client.user <> SUBSTRING_INDEX(USER(), '@', 1)
    AND client.user NOT IN ('drc', 'system user', 'event_scheduler')`

/** It has just ended by itself, or it is an account that may not be killed: then the change waits for it in vain. */
function unlessGone(error: unknown): void {
  const { code } = error as { code?: string }
  if (code !== 'ER_NO_SUCH_THREAD' && code !== 'ER_KILL_DENIED_ERROR') throw error
}

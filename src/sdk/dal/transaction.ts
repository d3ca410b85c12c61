import { EzoneError } from '../model/index.ts'
import { isReadOnly, neverRead } from './outcome.ts'
import type { Session } from './session.ts'
import type { Statements } from './statements.ts'

/**
 * Sends COMMIT, unless the transaction has ended already.
 * @throws EZ_OUTCOME_UNKNOWN where it was sent and not confirmed; else why it was not sent: nothing was done
 */
export async function commit(statements: Statements): Promise<void> {
  const { session, ended } = statements
  if (ended) throw ended.why
  if (session.lost) throw session.lost.cause
  statements.end()
  try {
    await session.text('COMMIT')
  } catch (cause) {
    if (neverRead(cause) || isReadOnly(cause)) throw cause
    session.destroy()
    throw new EzoneError('EZ_OUTCOME_UNKNOWN', 'the database did not confirm the write', { cause })
  }
}

/** Ends a transaction without effect. Where that cannot be said, the server does it at the end of the connection. */
export async function rollback(session: Session): Promise<void> {
  if (session.lost) return
  await session.text('ROLLBACK').catch(() => session.destroy())
}

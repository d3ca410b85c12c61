import { EzoneError } from '../model/index.ts'
import { limits } from './limits.ts'
import type { Session } from './session.ts'

/** What a statement answers when it has its effect already: it ran before a crash that came before the bookkeeping. */
const doneAlready = new Set(['ER_DUP_FIELDNAME', 'ER_DUP_KEYNAME', 'ER_TRG_ALREADY_EXISTS', 'ER_TABLE_EXISTS_ERROR'])

/**
 * Brings the schemas of a service up to date. Each migration runs once per zone, in order, and is never changed
 * afterwards: a change is a new one. MySQL commits at every DDL statement, so each must stand being run again after a
 * crash in its middle; a column, key, trigger or table that is there already counts as made.
 *
 * Several instances may do so at once: a lock of the server lets one. What has run is kept in the zone's own schema,
 * as every zone migrates for itself.
 *
 * @throws EZ_OVERLOADED where another instance has been at it for long
 */
export async function migrate(
  session: Session,
  service: string,
  migrations: readonly (readonly string[])[],
): Promise<void> {
  const lock = `ezone.migrate.${service}`
  const waitMs = (limits.migrateLockSeconds + 1) * 1000
  const [row] = (await session.text(`SELECT GET_LOCK('${lock}', ${limits.migrateLockSeconds}) AS locked`, waitMs)) as {
    locked: unknown
  }[]
  // 1, as text where the connection gives every BIGINT so; null or 0 where the lock was not had.
  if (String(row?.locked) !== '1')
    throw new EzoneError('EZ_OVERLOADED', `another ${service} has been migrating for ${limits.migrateLockSeconds} s`)
  try {
    const done = await session.rows<{ number: number }>('SELECT number FROM ezone_drc.migration WHERE service = ?', [
      service,
    ])
    const numbers = new Set(done.map(({ number }) => number))
    for (const [index, statements] of migrations.entries()) {
      if (numbers.has(index + 1)) continue
      for (const statement of statements) await run(session, statement)
      await session.change('INSERT INTO ezone_drc.migration (service, number) VALUES (?, ?)', [service, index + 1])
    }
  } finally {
    // A lost connection has given the lock back by itself.
    if (!session.lost) await session.text(`DO RELEASE_LOCK('${lock}')`)
  }
}

/** Changing a table may take long; who migrates is not serving yet. */
const ddlMs = 60_000

async function run(session: Session, statement: string): Promise<void> {
  try {
    await session.text(statement, ddlMs)
  } catch (error) {
    if (!doneAlready.has((error as { code?: string }).code ?? '')) throw error
  }
}

import type { MysqlAccess } from '@ezone/sdk/model'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { limits } from '../limits.ts'
import { asApplyError } from './mysql-error.ts'
import { bounded, openSession } from './session.ts'
import { keysIn, tableName } from './statements.ts'
import { TargetTables } from './tables.ts'

/**
 * Locks the rows whose conflict reaches across an unplanned takeover. This is a change made here, in a transaction
 * without a tag: its trigger gives it a version above both rivals, so that it travels and wins everywhere. The conflict
 * log is its list of what is left to do, and is struck off in the same transaction: a crash leaves none out.
 */
export async function lockSuspects(mysql: MysqlAccess): Promise<void> {
  const connection = await openSession(mysql)
  try {
    await bounded(connection, () => lockOpen(connection))
  } catch (error) {
    throw asApplyError(error)
  } finally {
    connection.destroy()
  }
}

async function lockOpen(connection: Connection): Promise<void> {
  const [open] = await connection.query<RowDataPacket[]>(
    `SELECT id, tbl, pk FROM ezone_drc.conflict WHERE locks = 1 ORDER BY id LIMIT ${limits.conflictsShown}`,
  )
  if (open.length === 0) return
  const tables = new TargetTables()
  await tables.load(connection)
  for (const { id, tbl, pk } of open) {
    const table = tables.get(String(tbl))
    await connection.query('START TRANSACTION')
    if (table?.columns.includes('locked'))
      await connection.query(
        `UPDATE ${tableName(table.name)} SET locked = 1 WHERE ${keysIn(table, [pk.toString('utf8')])}`,
      )
    await connection.query('UPDATE ezone_drc.conflict SET locks = 2 WHERE id = ?', [id])
    await connection.query('COMMIT')
  }
}

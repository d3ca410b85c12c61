import type { MysqlAccess } from '@ezone/sdk/model'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { limits } from '../limits.ts'
import { asApplyError } from './mysql-error.ts'
import { bounded, openSession } from './session.ts'
import { keysIn, literal, tableName } from './statements.ts'
import { TargetTables } from './tables.ts'

/**
 * Locks the rows whose conflict reaches across an unplanned takeover. This is a change made here, in a transaction
 * without a tag: its trigger gives it a version above both rivals, so that it travels and wins everywhere. The conflict
 * log is its list of what is left to do, and is struck off in the same transaction: a crash leaves none out.
 *
 * It is a write like any other: it passes the fence of the row's shard, under whose epoch it is made. Without that it
 * could put the row as it is here over what the next owner has made of it. Returns whether any are left: of a shard that
 * may not be written now.
 */
export async function lockSuspects(mysql: MysqlAccess, zone: string): Promise<boolean> {
  const connection = await openSession(mysql)
  try {
    return await bounded(connection, () => lockOpen(connection, zone))
  } catch (error) {
    throw asApplyError(error)
  } finally {
    connection.destroy()
  }
}

/** Rows still to be locked, with the shard that their images name. */
const open = `SELECT id, tbl, pk, CAST(JSON_EXTRACT(COALESCE(winner, loser_image), '$.shard') AS UNSIGNED) AS shard
  FROM ezone_drc.conflict WHERE locks = 1 ORDER BY id LIMIT ${limits.conflictsShown}`

async function lockOpen(connection: Connection, zone: string): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>(open)
  if (rows.length === 0) return false
  const tables = new TargetTables()
  await tables.load(connection)
  // As writers of the business: below it the server may give the lock of the fence back before the commit is in the binlog.
  await connection.query("SET SESSION transaction_isolation = 'REPEATABLE-READ'")
  let left = false
  for (const { id, tbl, pk, shard } of rows) {
    await connection.query('START TRANSACTION')
    const epoch = await epochOf(connection, zone, Number(shard))
    if (epoch === undefined) left = true
    else {
      const table = tables.get(String(tbl))
      if (table?.columns.includes('locked'))
        await connection.query(
          `UPDATE ${tableName(table.name)} SET locked = 1${table.columns.includes('epoch') ? `, epoch = ${literal(epoch)}` : ''}
             WHERE ${keysIn(table, [pk.toString('utf8')])}`,
        )
      await connection.query('UPDATE ezone_drc.conflict SET locks = 2 WHERE id = ?', [id])
    }
    await connection.query('COMMIT')
  }
  return left
}

/** The epoch under which this zone may write a shard now; undefined where it may not. */
async function epochOf(connection: Connection, zone: string, shard: number): Promise<number | undefined> {
  const sql = `SELECT epoch FROM ezone.fence WHERE shard = ? AND zone = ? AND state = 'ACTIVE'
    AND lease_until_ms > CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS UNSIGNED) FOR SHARE`
  const [[row]] = await connection.query<RowDataPacket[]>(sql, [shard, zone])
  return row && Number(row.epoch)
}

import type { MysqlAccess } from '@ezone/sdk/model'
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { limits } from '../limits.ts'
import { asApplyError } from './mysql-error.ts'
import { bounded, openSession } from './session.ts'
import { keysIn, tableName } from './statements.ts'
import { type TargetTable, TargetTables } from './tables.ts'

/**
 * Locks the rows whose conflict reaches across an unplanned takeover. This is a change made here, in a transaction
 * without a tag: its trigger gives it a version above both rivals, so that it travels and wins everywhere. The conflict
 * log is its list of what is left to do, and is struck off in the same transaction: a crash leaves none out.
 *
 * It is a write like any other: it passes the fence of the row's shard, under whose epoch it is made. Without that it
 * could put the row as it is here over what the next owner has made of it. Returns whether any are left: of a shard that
 * is frozen now.
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
    const fence = await fenceOf(connection, Number(shard))
    if (fence?.zone === zone && !fence.open) left = true
    else {
      // Of a shard that was taken in turn its new owner judges, from all that both sides had written.
      const suspect = { pk: pk.toString('utf8'), epoch: fence?.epoch ?? 0 }
      const locked = fence?.zone === zone && (await lockRow(connection, tables.get(String(tbl)), suspect))
      await connection.query('UPDATE ezone_drc.conflict SET locks = ? WHERE id = ?', [locked ? 2 : 0, id])
    }
    await connection.query('COMMIT')
  }
  return left
}

/** False where there is nothing to lock: the row is gone, or its table knows no locks. */
async function lockRow(
  connection: Connection,
  table: TargetTable | undefined,
  { pk, epoch }: { readonly pk: string; readonly epoch: number },
): Promise<boolean> {
  if (!table?.columns.includes('locked')) return false
  const set = table.columns.includes('epoch') ? `locked = 1, epoch = ${epoch}` : 'locked = 1'
  const sql = `UPDATE ${tableName(table.name)} SET ${set} WHERE ${keysIn(table, [pk])}`
  const [{ affectedRows }] = await connection.query<ResultSetHeader>(sql)
  return affectedRows > 0
}

/** Who may write a shard under which epoch; `open` while that is so. Held as it is until the transaction ends. */
async function fenceOf(
  connection: Connection,
  shard: number,
): Promise<{ readonly zone: string; readonly epoch: number; readonly open: boolean } | undefined> {
  const sql = `SELECT zone, epoch,
      state = 'ACTIVE' AND lease_until_ms > CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS UNSIGNED) AS open
    FROM ezone.fence WHERE shard = ? FOR SHARE`
  const [[row]] = await connection.query<RowDataPacket[]>(sql, [shard])
  return row && { zone: String(row.zone), epoch: Number(row.epoch), open: Number(row.open) === 1 }
}

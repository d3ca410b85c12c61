import type { Route } from '@ezone/sdk'
import type { DrcConflict, MysqlAccess } from '@ezone/sdk/model'
import type { RowDataPacket } from 'mysql2/promise'
import { asApplyError } from './apply/mysql-error.ts'
import { bounded, openSession } from './apply/session.ts'
import { limits } from './limits.ts'

/** GET /conflicts?limit=&table=&key=: losers, newest first. */
export const conflictsRoute = (mysql: MysqlAccess): Route => ({
  method: 'GET',
  path: '/conflicts',
  async handle({ query, signal }) {
    const limit = Math.min(limits.conflictsShown, Math.max(1, Number(query.get('limit') ?? 100) || 100))
    const wanted = [
      ['tbl', query.get('table')],
      ['pk', query.get('key')],
    ].filter(([, value]) => value !== null)
    const where = wanted.length > 0 ? `WHERE ${wanted.map(([column]) => `${column} = ?`).join(' AND ')}` : ''
    const values = wanted.map(([, value]) => value)
    const connection = await openSession(mysql)
    const read = async () => {
      const [rows] = await connection.query<RowDataPacket[]>(
        `SELECT * FROM ezone_drc.conflict ${where} ORDER BY id DESC LIMIT ${limit}`,
        values,
      )
      const [[count]] = await connection.query<RowDataPacket[]>(
        `SELECT COUNT(*) AS total FROM ezone_drc.conflict ${where}`,
        values,
      )
      return { status: 200, body: { conflicts: rows.map(toConflict), total: Number(count?.total) } }
    }
    try {
      return await bounded(connection, read, signal)
    } catch (error) {
      throw asApplyError(error)
    } finally {
      connection.destroy()
    }
  },
})

function toConflict(row: RowDataPacket): DrcConflict {
  const image = (text: unknown) => (text === null ? null : JSON.parse(String(text)))
  return {
    id: String(row.id),
    atMs: Number(row.at_ms),
    source: row.source,
    table: row.tbl,
    key: row.pk.toString('utf8'),
    loser: row.loser,
    locked: row.locks > 0,
    winnerVer: String(row.winner_ver),
    loserVer: String(row.loser_ver),
    winner: image(row.winner),
    loserImage: image(row.loser_image),
  }
}

import { type Clock, type MysqlAccess, type Suspect, versionTimeMs } from '../model/index.ts'
import { Connections } from './connections.ts'
import type { Session } from './session.ts'
import { quotedName } from './sql.ts'

/**
 * `locked`: its row is older than what was acknowledged. `missing`: there is no row yet. `arrived`: what was acknowledged
 * is here, or somebody has unlocked the row since. `lost`: nothing is on its way any more, and there is no row.
 */
export type SuspectState = 'locked' | 'missing' | 'arrived' | 'lost'

interface Taken {
  readonly shard: number
  /** Of the takeover. */
  readonly epoch: number
}

export interface TakenShard extends Taken {
  /** False where the edge may have acknowledged more than is known. */
  readonly complete: boolean
  readonly atMs: number
}

const atOnce = 500
const newestLooked = 500

/** Names the lock in the GTID: replication leaves it where it is, and triggers give no version for it. */
const local = "SET SESSION gtid_next = 'AUTOMATIC:drc_lock'"
const ordinary = "SET SESSION gtid_next = 'AUTOMATIC'"

/**
 * Locks rows of which more was acknowledged than has arrived: in this zone's database alone, and without giving them a
 * new version. So what is still on its way is newer than the row, takes its place when it comes, and with it the lock is
 * gone. A lock that was a change like any other would win against the very thing it waits for.
 */
export class SuspectRows implements AsyncDisposable {
  readonly #connections: Connections

  private constructor(options: { readonly mysql: MysqlAccess; readonly clock: Clock }) {
    this.#connections = new Connections({ ...options, connectionsMax: 4 })
  }

  /** Connects on demand. @param options.mysql as the account `fence` */
  static open(options: { readonly mysql: MysqlAccess; readonly clock: Clock }): SuspectRows {
    return new SuspectRows(options)
  }

  /**
   * Of what was acknowledged, remembers and locks what has not arrived, and that the shard was looked at. May be done
   * again. @throws EZ_STORE_UNREACHABLE, as all below
   */
  take(taken: TakenShard, acknowledged: readonly Suspect[], signal?: AbortSignal): Promise<void> {
    return this.#connections.with(async (session) => {
      const table = await lockedTable(session)
      for (let i = 0; i < acknowledged.length; i += atOnce) {
        const some = acknowledged.slice(i, i + atOnce)
        const rows = await versions(session, table, some)
        const behind = some.filter(({ orderId, version }) => (rows.get(orderId) ?? 0n) < BigInt(version))
        await remember(session, taken, behind)
        const found = behind.filter(({ orderId }) => rows.has(orderId))
        for (const suspect of found) await lock(session, table, suspect)
      }
      const values = [String(taken.shard), String(taken.epoch), taken.complete ? '1' : '0', String(taken.atMs)]
      await session.change('REPLACE INTO ezone.takeover (shard, epoch, complete, at_ms) VALUES (?, ?, ?, ?)', values)
    }, signal)
  }

  /**
   * When a zone had made the newest change of it that is seen here among the newest orders, by its own clock; null where
   * none is. Changes arrive in the order of their commits, so all that it had acknowledged before then is here.
   */
  heardFrom(zone: number, signal?: AbortSignal): Promise<number | null> {
    return this.#connections.with(async (session) => {
      const table = await lockedTable(session)
      if (table === undefined) return null
      const newest = `SELECT drc_ver FROM ${table.name} ORDER BY ${table.key} DESC LIMIT ${newestLooked}`
      const [row] = await session.rows<{ newest: string | null }>(
        `SELECT MAX(drc_ver) AS newest FROM (${newest}) AS some WHERE drc_ver & 15 = ?`,
        [String(zone)],
      )
      return row?.newest == null ? null : versionTimeMs(BigInt(row.newest))
    }, signal)
  }

  /** Every shard this zone has looked at, with the epoch of its last takeover. */
  taken(signal?: AbortSignal): Promise<readonly TakenShard[]> {
    return this.#connections.with(async (session) => {
      const rows = await session.rows<{ shard: number; epoch: string; complete: number; at_ms: string }>(
        'SELECT shard, epoch, complete, at_ms FROM ezone.takeover',
      )
      return rows.map((row) => ({
        shard: row.shard,
        epoch: Number(row.epoch),
        complete: row.complete === 1,
        atMs: Number(row.at_ms),
      }))
    }, signal)
  }

  /** What was found at a takeover, whatever has become of it since. */
  found({ shard, epoch }: Taken, signal?: AbortSignal): Promise<readonly Suspect[]> {
    return this.#connections.with(async (session) => {
      const sql = 'SELECT order_id, version FROM ezone.suspect WHERE shard = ? AND epoch = ? ORDER BY version, order_id'
      const rows = await session.rows<{ order_id: string; version: string }>(sql, [String(shard), String(epoch)])
      return rows.map((row) => ({ orderId: row.order_id, version: row.version }))
    }, signal)
  }

  /**
   * Looks again at what is open: what has come is `arrived`; what has come in part is locked again. How many stay open.
   * @param settled nothing is on its way any more: what is locked then is so in every zone, until somebody unlocks it
   */
  look({ shard, epoch }: Taken, settled: boolean, signal?: AbortSignal): Promise<number> {
    return this.#connections.with(async (session) => {
      const open = await session.rows<{ order_id: string; version: string }>(
        "SELECT order_id, version FROM ezone.suspect WHERE shard = ? AND epoch = ? AND state IN ('locked', 'missing')",
        [String(shard), String(epoch)],
      )
      if (open.length === 0) return 0
      const table = await lockedTable(session)
      let left = 0
      for (let i = 0; i < open.length; i += atOnce) {
        const some = open.slice(i, i + atOnce).map((row) => ({ orderId: row.order_id, version: row.version }))
        const rows = await versions(session, table, some)
        for (const suspect of some) {
          const version = rows.get(suspect.orderId)
          const state = stateOf(suspect, version, settled)
          if (state === 'locked')
            await (settled ? lockForGood(session, table, suspect, epoch) : lock(session, table, suspect))
          await session.change('UPDATE ezone.suspect SET state = ? WHERE order_id = ? AND epoch = ?', [
            state,
            suspect.orderId,
            String(epoch),
          ])
          if (state === 'locked' || state === 'missing') left++
        }
      }
      return left
    }, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connections[Symbol.asyncDispose]()
  }
}

function stateOf({ version }: Suspect, found: bigint | undefined, settled: boolean): SuspectState {
  if (found === undefined) return settled ? 'lost' : 'missing'
  return found >= BigInt(version) ? 'arrived' : 'locked'
}

interface LockedTable {
  readonly name: string
  readonly key: string
}

/** The table whose rows are orders: it knows locks and versions, and its key is one id. Undefined before it is made. */
async function lockedTable(session: Session): Promise<LockedTable | undefined> {
  const [row] = await session.rows<{ s: string; t: string; k: string }>(
    `SELECT l.table_schema AS s, l.table_name AS t, MIN(p.column_name) AS k
      FROM information_schema.columns l
      JOIN information_schema.columns v USING (table_schema, table_name)
      JOIN information_schema.columns p USING (table_schema, table_name)
      WHERE l.column_name = 'locked' AND v.column_name = 'drc_ver' AND p.column_key = 'PRI'
      GROUP BY l.table_schema, l.table_name HAVING COUNT(*) = 1 AND k = 'order_id' LIMIT 1`,
  )
  return row && { name: quotedName(`${row.s}.${row.t}`), key: quotedName(row.k) }
}

/** Those that are there, with their versions. */
async function versions(
  session: Session,
  table: LockedTable | undefined,
  orders: readonly Suspect[],
): Promise<ReadonlyMap<string, bigint>> {
  if (table === undefined || orders.length === 0) return new Map()
  const { name, key } = table
  // Ids are digits, as they were read: as parameters of a statement of any length they would be prepared each time.
  const ids = orders.map(({ orderId }) => BigInt(orderId)).join(', ')
  const rows = (await session.text(`SELECT ${key} AS id, drc_ver FROM ${name} WHERE ${key} IN (${ids})`)) as readonly {
    readonly id: string | number
    readonly drc_ver: string | number
  }[]
  return new Map(rows.map((row) => [String(row.id), BigInt(row.drc_ver)]))
}

async function remember(session: Session, { shard, epoch }: Taken, suspects: readonly Suspect[]): Promise<void> {
  if (suspects.length === 0) return
  const rows = suspects.map(({ orderId, version }) => `(${BigInt(orderId)}, ${shard}, ${epoch}, ${BigInt(version)})`)
  await session.text(
    `INSERT INTO ezone.suspect (order_id, shard, epoch, version) VALUES ${rows.join(', ')} AS given
      ON DUPLICATE KEY UPDATE version = GREATEST(suspect.version, given.version)`,
  )
}

async function lock(session: Session, table: LockedTable | undefined, { orderId, version }: Suspect): Promise<void> {
  if (table === undefined) return
  await session.text(local)
  try {
    const sql = `UPDATE ${table.name} SET locked = 1 WHERE ${table.key} = ? AND drc_ver < ?`
    await session.change(sql, [orderId, version])
  } finally {
    await session.text(ordinary).catch(() => session.destroy())
  }
}

/** A change like any other: nothing that it could win against is on its way. */
async function lockForGood(
  session: Session,
  table: LockedTable | undefined,
  { orderId, version }: Suspect,
  epoch: number,
): Promise<void> {
  if (table === undefined) return
  const sql = `UPDATE ${table.name} SET locked = 1, epoch = ? WHERE ${table.key} = ? AND drc_ver < ?`
  await session.change(sql, [String(epoch), orderId, version])
}

import { createPool, type Pool, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise'
import { seeded } from '../demand/random.ts'
import type { MysqlDoor } from '../drc/find-drc.ts'
import { type LoadRecord, noReply, type Operation, type Reply } from '../stress/records.ts'
import type { OperationEntry } from './history.ts'
import { makeOwnTable, ownTables } from './own-tables.ts'

const sharedTable = ownTables.shared
const rowsMax = 24
const removeShare = 0.25
const connectionsMax = 8
const connectMs = 2_000
const statementMs = 4_000

export interface SharedOptions {
  readonly run: string
  readonly seed: number
  /** Of the operations of a run so many are these, 0 up to 1. */
  readonly share: number
}

type Told = Pick<OperationEntry, 'client' | 'inside' | 'kind' | 'subject' | 'wanted' | 'saw'>

/**
 * Writers that do what no service does: they change and remove the same few rows in every zone at the same time, directly
 * in the zones' databases and under no fence. Replication must bring the zones together all the same. A table of the
 * ledger's own, multi-active as any other.
 */
export class SharedRows implements AsyncDisposable {
  readonly #zones: readonly { readonly zone: string; readonly pool: Pool }[]
  readonly #options: SharedOptions
  readonly #told = new Map<number, Told>()

  private constructor(doors: readonly MysqlDoor[], options: SharedOptions) {
    this.#options = options
    this.#zones = doors.map(({ zone, mysql }) => ({
      zone,
      pool: createPool({
        ...mysql,
        connectionLimit: connectionsMax,
        queueLimit: connectionsMax * 8,
        connectTimeout: connectMs,
        supportBigNumbers: true,
        bigNumberStrings: true,
      }),
    }))
  }

  /** Makes the table in every zone, where it is not there. */
  static async open(doors: readonly MysqlDoor[], { run, seed, share }: SharedOptions) {
    const column = 'value VARCHAR(64) CHARACTER SET ascii NOT NULL'
    await Promise.all(doors.map((door) => makeOwnTable(door, ownTables.shared, column)))
    return new SharedRows(doors, { run, seed, share })
  }

  /** Whether the operation of this number is one of these. */
  wants(index: number): boolean {
    return this.#random(index)() < this.#options.share
  }

  has = (index: number): boolean => this.#told.has(index)

  /** The same number and seed ask for the same. */
  operation(index: number): Operation {
    const random = this.#random(index)
    random()
    const { zone, pool } = this.#zones[Math.floor(random() * this.#zones.length)] ?? nobody()
    const key = `${this.#options.run}-${Math.floor(random() * rowsMax)}`
    const remove = random() < removeShare
    const value = remove ? null : `${zone}-${index}`
    const kind = remove ? 'remove' : 'change'
    const told = { client: `sharer-${zone}`, inside: zone, kind, subject: key, wanted: value } as const
    const send = async () => {
      this.#told.set(index, { ...told, saw: null })
      const reply = await write(pool, { zone, key, value })
      if (reply.outcome === 'ok') this.#told.set(index, { ...told, saw: value })
      return reply
    }
    return { kind, requestKey: null, send }
  }

  entryOf(record: LoadRecord): Omit<OperationEntry, 'type'> {
    const { requestKey, index, ...rest } = record
    const told = this.#told.get(index)
    this.#told.delete(index)
    if (told === undefined) throw new TypeError(`operation ${index} was not about shared rows`)
    return { ...rest, index, key: requestKey, riderId: null, ...told }
  }

  #random = (index: number) =>
    seeded((Math.imul(this.#options.seed, 0x85ebca6b) ^ Math.imul(index + 1, 0x9e3779b1)) | 0)

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#zones.map(({ pool }) => pool.end().catch(() => undefined)))
  }
}

interface Wanted {
  readonly zone: string
  readonly key: string
  /** null: remove it. */
  readonly value: string | null
}

/** Writers of one row meet: one of them is rolled back, and begins again. */
const metAnother = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT'])
const triesMax = 5

/** Before the commit is sent nothing is done; after it, without an answer, nobody knows. */
async function write(pool: Pool, wanted: Wanted): Promise<Reply> {
  const { zone } = wanted
  for (let tries = 1; ; tries++) {
    const stage = { committing: false }
    try {
      return { ...noReply, outcome: 'ok', zone, version: await writeOnce(pool, wanted, stage) }
    } catch (error) {
      if (stage.committing) return { ...noReply, zone, code: 'EZ_OUTCOME_UNKNOWN' }
      const again = tries < triesMax && metAnother.has((error as { code?: string }).code ?? '')
      if (!again) return { ...noReply, outcome: 'failed', zone, code: 'EZ_STORE_UNREACHABLE' }
    }
  }
}

async function writeOnce(pool: Pool, { key, value }: Wanted, stage: { committing: boolean }): Promise<string | null> {
  const connection = await pool.getConnection()
  try {
    const rows: Rows = async (sql, values) =>
      (await connection.query<RowDataPacket[]>({ sql, timeout: statementMs }, [...values]))[0]
    const change: Change = async (sql, values) =>
      (await connection.query<ResultSetHeader>({ sql, timeout: statementMs }, [...values]))[0].affectedRows
    await change('START TRANSACTION', [])
    const version = value === null ? await remove(change, rows, key) : await put(change, rows, key, value)
    stage.committing = true
    await change('COMMIT', [])
    connection.release()
    return version
  } catch (error) {
    // Whatever it was, the connection is in nobody knows what state.
    connection.destroy()
    throw error
  }
}

type Change = (sql: string, values: readonly (string | null)[]) => Promise<number>
type Rows = (sql: string, values: readonly (string | null)[]) => Promise<readonly RowDataPacket[]>

async function put(change: Change, rows: Rows, key: string, value: string): Promise<string | null> {
  const insert = `INSERT INTO ${sharedTable} (k, value) VALUES (?, ?) AS given ON DUPLICATE KEY UPDATE value = given.value`
  await change(insert, [key, value])
  const [row] = await rows(`SELECT drc_ver FROM ${sharedTable} WHERE k = ?`, [key])
  return row === undefined ? null : String(row.drc_ver)
}

/** Null where there was nothing to remove: then nothing was written. */
async function remove(change: Change, rows: Rows, key: string): Promise<string | null> {
  const gone = await change(`DELETE FROM ${sharedTable} WHERE k = ?`, [key])
  if (gone === 0) return null
  const buried = 'SELECT drc_ver FROM ezone_drc.tombstone WHERE tbl = ? AND pk = CAST(? AS BINARY)'
  const [row] = await rows(buried, [sharedTable, key])
  return row === undefined ? null : String(row.drc_ver)
}

function nobody(): never {
  throw new TypeError('there is no zone')
}

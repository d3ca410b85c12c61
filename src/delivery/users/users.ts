import { type Clock, EzoneError, type User } from '@ezone/sdk'
import { type GlobalDatabase, isDuplicate } from '@ezone/sdk/dal'
import { globalMigrations, users } from '../tables.ts'

export interface Registration {
  readonly userId: string
  readonly phone: string
  readonly zone: string
  readonly requestKey: string | null
  readonly signal: AbortSignal
}

interface UserRow {
  readonly user_id: string
  readonly phone: string
  readonly zone: string
  readonly request_key: string | null
  readonly created_at: Date
}

/**
 * Who is who, for all zones: rows of the Global Zone. The master's unique key decides who gets a phone, so of two
 * registrations at once, in whatever zones, exactly one wins. Reads are local.
 */
export class Users {
  readonly #global: GlobalDatabase
  readonly #clock: Clock
  #migrated: Promise<void> | null = null

  constructor(global: GlobalDatabase, clock: Clock) {
    this.#global = global
    this.#clock = clock
  }

  /** @throws EZ_PHONE_TAKEN; EZ_GLOBAL_UNREACHABLE (nothing was done), EZ_OUTCOME_UNKNOWN */
  async register({ userId, phone, zone, requestKey, signal }: Registration): Promise<{ user: User; isNew: boolean }> {
    await this.#migrate()
    const created_at = new Date(Math.floor(this.#clock.nowMs()))
    try {
      await this.#global.write((tx) => tx.change(insert, [userId, phone, zone, requestKey, created_at]), { signal })
      return { user: userOf({ user_id: userId, phone, zone, request_key: requestKey, created_at }), isNew: true }
    } catch (error) {
      if (!isDuplicate(error, 'phone')) throw error
      const [row] = await this.#global.read<UserRow>(`${select} WHERE phone = ?`, [phone], { from: 'master', signal })
      // Whoever asks again under the same key has won before, and may not have heard of it.
      if (row !== undefined && requestKey !== null && row.request_key === requestKey)
        return { user: userOf(row), isNew: false }
      throw new EzoneError('EZ_PHONE_TAKEN', `the phone ${hidden(phone)} belongs to a user already`, { cause: error })
    }
  }

  /**
   * From the zone's own copy; only who is not there is asked for at the master, since the copy may lag behind.
   * @throws EZ_GLOBAL_UNREACHABLE where neither could tell
   */
  async find(userId: string, signal: AbortSignal): Promise<User | undefined> {
    const sql = `${select} WHERE user_id = ?`
    const near = await this.#global.read<UserRow>(sql, [userId], { from: 'near', signal }).catch((error: unknown) => {
      if (isMissingTable(error) || EzoneError.is(error, 'EZ_GLOBAL_UNREACHABLE')) return []
      throw error
    })
    const [row] = near.length > 0 ? near : await this.#atMaster(sql, userId, signal)
    return row && userOf(row)
  }

  async #atMaster(sql: string, userId: string, signal: AbortSignal): Promise<readonly UserRow[]> {
    await this.#migrate()
    return this.#global.read<UserRow>(sql, [userId], { from: 'master', signal })
  }

  /** Once; whoever comes first does it, and after a failure the next one tries again. */
  #migrate(): Promise<void> {
    this.#migrated ??= this.#global.migrate('orders', globalMigrations).catch((error: unknown) => {
      this.#migrated = null
      throw error
    })
    return this.#migrated
  }
}

const insert = `INSERT INTO ${users} (user_id, phone, zone, request_key, created_at) VALUES (?, ?, ?, ?, ?)`
const select = `SELECT user_id, phone, zone, request_key, created_at FROM ${users}`

const isMissingTable = (error: unknown) =>
  ['ER_NO_SUCH_TABLE', 'ER_BAD_DB_ERROR'].includes((error as { code?: string }).code ?? '')

/** Enough to recognise it, not enough to call it: messages end up in logs. */
const hidden = (phone: string) => `…${phone.slice(-4)}`

const userOf = (row: UserRow): User => ({
  userId: row.user_id,
  phone: row.phone,
  zone: row.zone,
  createdAt: row.created_at.toISOString(),
})

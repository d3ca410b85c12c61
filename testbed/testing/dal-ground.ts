import { randomBytes } from 'node:crypto'
import { systemClock } from '@ezone/sdk/clock'
import { multiActive, ZoneDatabase } from '@ezone/sdk/dal'
import type { FenceRow, MysqlAccess } from '@ezone/sdk/model'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import type { MysqlSpec } from '../topology/blueprint.ts'
import { TestGround } from './ground.ts'

type AccountName = 'root' | 'app' | 'fence' | 'drc'

/** What a service of the tests has: a multi-active table `shop.orders` with a unique key. */
export const shopMigrations = [
  [
    'CREATE DATABASE IF NOT EXISTS shop CHARACTER SET utf8mb4',
    `CREATE TABLE IF NOT EXISTS shop.orders (
      order_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
      shard SMALLINT UNSIGNED NOT NULL,
      epoch BIGINT UNSIGNED NOT NULL,
      note VARCHAR(64) NULL,
      amount DECIMAL(12, 2) NOT NULL DEFAULT 0,
      locked VARCHAR(16) NULL,
      request_key VARCHAR(64) NULL,
      UNIQUE KEY request_key (request_key)
    )`,
    ...multiActive('shop.orders', ['order_id']),
  ],
] as const

/** One zone's real MySQL, with what a service of the business and the keeper of its fences know of it. */
export class DalGround implements AsyncDisposable {
  readonly ground: TestGround
  readonly spec: MysqlSpec
  readonly #open: Connection[] = []
  #ids = BigInt(`0x${randomBytes(4).toString('hex')}`) << 16n

  private constructor(ground: TestGround, spec: MysqlSpec) {
    this.ground = ground
    this.spec = spec
  }

  static async make(octets: Readonly<Record<'bj' | 'sh' | 'edge', number>>): Promise<DalGround> {
    const ground = await TestGround.make({ octets })
    const spec = ground.spec('bj/mysql', 'mysql')
    await ground.start(spec)
    return new DalGround(ground, spec)
  }

  access(account: AccountName): MysqlAccess {
    const door = this.spec.ports[0]?.host ?? { host: '', port: 0 }
    return { ...door, ...this.ground.credentials.mysql[account] }
  }

  /** The DAL of zone bj, with its table. */
  async database(): Promise<ZoneDatabase> {
    const database = ZoneDatabase.open({ mysql: this.access('app'), zone: 'bj', clock: systemClock })
    await database.migrate('shop', shopMigrations)
    return database
  }

  /** A plain connection, closed with the ground. */
  async connect(account: AccountName = 'root'): Promise<Connection> {
    const options = { supportBigNumbers: true, bigNumberStrings: true, timezone: 'Z' }
    const connection = await createConnection({ ...this.access(account), ...options })
    connection.on('error', () => undefined)
    this.#open.push(connection)
    return connection
  }

  /** Asks as root, beside the DAL. */
  async query(sql: string): Promise<readonly RowDataPacket[]> {
    const connection = await this.connect()
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    connection.destroy()
    return rows
  }

  async one(sql: string): Promise<unknown> {
    const [row] = await this.query(sql)
    return row && Object.values(row)[0]
  }

  /** An id that no other row has. */
  id = (): bigint => ++this.#ids

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#open) connection.destroy()
    await this.ground[Symbol.asyncDispose]()
  }
}

/** A fence row of zone bj, epoch 5, that lets everything through but for what is changed. */
export const fenceOf = (shard: number, changes: Partial<FenceRow> = {}): FenceRow => ({
  shard,
  zone: 'bj',
  epoch: 5,
  state: 'ACTIVE',
  takenEpoch: 0,
  leaseUntilMs: null,
  ...changes,
})

import { EzoneError, type InternalTag, type NewOrder, type Order, type ServiceConfig } from '@ezone/sdk'
import { createPool, type Pool, type PoolConnection, type QueryOptions, type RowDataPacket } from 'mysql2/promise'
import { migrate, schema } from './migrations.ts'

const connectionsMax = 32
const connectMs = 2_000
/** Callers that may wait for a connection; beyond that they are told at once. */
const waitingMax = 512
const statementMs = 4_000

export interface CreateOrder {
  readonly id: bigint
  readonly tag: InternalTag
  readonly order: NewOrder
  readonly requestKey: string | null
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number
}

/** Every BIGINT comes as text, as not all of them fit into a number. */
interface Row extends RowDataPacket {
  readonly order_id: string
  readonly shard: number
  readonly cell: number
  readonly zone: string
  readonly epoch: string
  readonly state: Order['state']
  readonly user_id: string | null
  readonly shop_id: string | null
  readonly amount_fen: string
  readonly created_at: Date
}

/** The orders of a zone, in its MySQL. Every statement is a transaction of its own, durable when it returns. */
export class OrderStore implements AsyncDisposable {
  readonly #pool: Pool

  constructor({ host, port, user, password }: NonNullable<ServiceConfig['stores']['mysql']>) {
    this.#pool = createPool({
      host,
      port,
      user,
      password,
      connectionLimit: connectionsMax,
      queueLimit: waitingMax,
      connectTimeout: connectMs,
      supportBigNumbers: true,
      bigNumberStrings: true,
      timezone: 'Z',
    })
  }

  /** Brings the schema up to date; may be repeated. @throws EZ_STORE_UNREACHABLE */
  async migrate(): Promise<void> {
    const connection = await this.#connection()
    await using _ = { [Symbol.asyncDispose]: async () => connection.release() }
    await migrate(connection)
  }

  /** @throws EZ_STORE_UNREACHABLE */
  async ping(): Promise<void> {
    await this.#read({ sql: 'SELECT 1' }, [])
  }

  /**
   * Creates an order, or finds the one that the same request key created before.
   * @throws EZ_STORE_UNREACHABLE (nothing was done), EZ_OUTCOME_UNKNOWN (it may have been)
   */
  async create(wanted: CreateOrder): Promise<{ readonly order: Order; readonly isNew: boolean }> {
    const { id, tag, order, requestKey, nowMs } = wanted
    const connection = await this.#connection()
    try {
      await connection.execute({ sql: insert, timeout: statementMs }, [
        String(id),
        tag.shard,
        tag.cell,
        tag.zone,
        String(tag.epoch),
        'created' satisfies Order['state'],
        order.userId ?? null,
        order.shopId ?? null,
        order.amountFen,
        requestKey,
        new Date(nowMs),
      ])
      connection.release()
    } catch (error) {
      if (serverSaid(error)) connection.release()
      else connection.destroy()
      if ((error as { code?: string }).code === 'ER_DUP_ENTRY' && requestKey !== null)
        return { order: await this.#sameRequest(requestKey, order), isNew: false }
      if (serverSaid(error)) throw error
      throw new EzoneError('EZ_OUTCOME_UNKNOWN', 'the database did not confirm the order', { cause: error })
    }
    return { order: madeOf(wanted), isNew: true }
  }

  /** Undefined where this zone has no such order. @throws EZ_STORE_UNREACHABLE */
  async find(id: bigint): Promise<Order | undefined> {
    return this.#select('order_id', String(id))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end()
  }

  async #sameRequest(requestKey: string, wanted: NewOrder): Promise<Order> {
    const order = await this.#select('request_key', requestKey)
    if (order === undefined)
      throw new EzoneError('EZ_BUG', 'the database refuses an id or a request key that it does not have')
    const same =
      order.amountFen === wanted.amountFen &&
      order.userId === (wanted.userId ?? null) &&
      order.shopId === (wanted.shopId ?? null)
    if (!same)
      throw new EzoneError('EZ_BAD_ORDER', `the request key already belongs to another order, ${order.orderId}`)
    return order
  }

  async #select(column: 'order_id' | 'request_key', value: string): Promise<Order | undefined> {
    const [row] = await this.#read({ sql: `SELECT * FROM ${schema}.orders WHERE ${column} = ?` }, [value])
    return row && orderOf(row)
  }

  async #read(query: QueryOptions, values: readonly string[]): Promise<readonly Row[]> {
    const connection = await this.#connection()
    try {
      const [rows] = await connection.execute<Row[]>({ ...query, timeout: statementMs }, [...values])
      connection.release()
      return rows
    } catch (error) {
      // After a time-out the answer may still come on this connection, to whoever asks next: it is not used again.
      connection.destroy()
      if (serverSaid(error)) throw error
      throw new EzoneError('EZ_STORE_UNREACHABLE', 'the database does not answer', { cause: error })
    }
  }

  async #connection(): Promise<PoolConnection> {
    try {
      return await this.#pool.getConnection()
    } catch (cause) {
      throw new EzoneError('EZ_STORE_UNREACHABLE', 'the database of this zone cannot be reached', { cause })
    }
  }
}

const insert = `INSERT INTO ${schema}.orders
  (order_id, shard, cell, zone, epoch, state, user_id, shop_id, amount_fen, request_key, created_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

/** Errors that the server sends while it ends a connection: the statement before them may have been done. */
const endings = new Set([
  'ER_SERVER_SHUTDOWN',
  'ER_QUERY_INTERRUPTED',
  'ER_SESSION_WAS_KILLED',
  'ER_CLIENT_INTERACTION_TIMEOUT',
])

/** True where the server itself answered with an error, so that the statement was certainly not done. */
function serverSaid(error: unknown): boolean {
  const { sqlState, code = '' } = error as { sqlState?: string; code?: string }
  return typeof sqlState === 'string' && sqlState !== '' && !endings.has(code)
}

/** What a `SELECT` of it would give, without asking. */
const madeOf = ({ id, tag, order, nowMs }: CreateOrder): Order => ({
  orderId: String(id),
  zone: tag.zone,
  shard: tag.shard,
  epoch: tag.epoch,
  state: 'created',
  cell: tag.cell,
  userId: order.userId ?? null,
  shopId: order.shopId ?? null,
  amountFen: order.amountFen,
  createdAt: new Date(nowMs).toISOString(),
})

const orderOf = (row: Row): Order => ({
  orderId: row.order_id,
  zone: row.zone,
  shard: row.shard,
  epoch: Number(row.epoch),
  state: row.state,
  cell: row.cell,
  userId: row.user_id,
  shopId: row.shop_id,
  amountFen: Number(row.amount_fen),
  createdAt: row.created_at.toISOString(),
})

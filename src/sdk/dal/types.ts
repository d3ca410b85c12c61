import type { Claim } from '../model/index.ts'

/** What may stand for a `?`. A bigint goes as text, so that none of its digits is lost. */
export type SqlValue = string | number | bigint | boolean | Date | Buffer | null

/** A row as the server sent it: BIGINT and DECIMAL as text, DATETIME as Date. */
export type SqlRow = Readonly<Record<string, unknown>>

/** The statements of one transaction. It ends with the work it was made for. */
export interface GlobalTx {
  /** SELECT. */
  rows<Row = SqlRow>(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]>
  /** INSERT, UPDATE, DELETE or REPLACE; the number of rows found. */
  change(sql: string, values?: readonly SqlValue[]): Promise<number>
}

/** A transaction that the fence of its shard has let through. */
export interface Tx extends GlobalTx {
  /** Inserts a row under the shard and the epoch of the claim. */
  insert(table: string, row: Readonly<Record<string, SqlValue>>): Promise<void>
  /**
   * The row of a key, locked against everybody else until the end; undefined where there is none.
   * @throws EZ_ORDER_LOCKED where its column `locked` is set; EZ_NO_SHARD where it is of another shard
   */
  take<Row = SqlRow>(table: string, key: Readonly<Record<string, SqlValue>>): Promise<Row | undefined>
  /** Changes the row of a key, if it is of the claim's shard; sets its epoch. The number of rows found. */
  update(
    table: string,
    key: Readonly<Record<string, SqlValue>>,
    changes: Readonly<Record<string, SqlValue>>,
  ): Promise<number>
}

/** A claim, and when nobody waits for it any more. */
export interface WriteClaim extends Claim {
  readonly signal?: AbortSignal
}

import { type Claim, EzoneError } from '../model/index.ts'
import { exact, insertFenced, insertRow, passFence, selectForUpdate, updateRows } from './sql.ts'
import type { Statements } from './statements.ts'
import type { SqlRow, SqlValue, Tx } from './types.ts'

type Values = Readonly<Record<string, SqlValue>>

/** Sends a statement that passes the fence by itself, with its values; rejects where it is not let through. */
export type PassFence = (sql: string, values: readonly SqlValue[]) => Promise<void>

/**
 * The transaction of one shard: rows are written under its shard and the epoch of the claim, and no other's are.
 *
 * The first statement passes the fence, and begins the transaction with it. An insert takes it in its own statement,
 * which saves a round trip; before anything else the fence is asked alone.
 */
export class ShardTx implements Tx {
  readonly #statements: Statements
  readonly #claim: Claim
  readonly #pass: PassFence
  #passed = false
  #passing: Promise<void> | undefined

  constructor(statements: Statements, claim: Claim, pass: PassFence) {
    this.#statements = statements
    this.#claim = claim
    this.#pass = pass
  }

  async rows<Row = SqlRow>(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]> {
    await this.letThrough()
    return this.#statements.rows<Row>(sql, values)
  }

  async change(sql: string, values?: readonly SqlValue[]): Promise<number> {
    await this.letThrough()
    return this.#statements.change(sql, values)
  }

  async insert(table: string, row: Values): Promise<void> {
    const { columns, values } = claimed(row, this.#claim)
    if (await this.letThrough(insertFenced(table, columns), values.map(exact))) return
    await this.#statements.change(insertRow(table, columns), values)
  }

  /** Passes the fence where nothing has yet. True where it was the statement given that did, so that it is done. */
  async letThrough(sql = passFence, values: readonly SqlValue[] = []): Promise<boolean> {
    // Statements may be sent side by side; only one of them begins. Where it failed, the next one does.
    while (this.#passing !== undefined) await this.#passing.catch(() => undefined)
    if (this.#passed) return false
    this.#passing = this.#pass(sql, values)
    try {
      await this.#passing
      this.#passed = true
      return true
    } finally {
      this.#passing = undefined
    }
  }

  async take<Row = SqlRow>(table: string, key: Values): Promise<Row | undefined> {
    const [row] = await this.rows<SqlRow>(selectForUpdate(table, Object.keys(key)), Object.values(key))
    if (row === undefined) return undefined
    const { shard, epoch } = this.#claim
    if (row.shard !== undefined && Number(row.shard) !== shard)
      throw new EzoneError(
        'EZ_NO_SHARD',
        `the row is of shard ${row.shard}; the write names shard ${shard} (epoch ${epoch})`,
      )
    if (isLocked(row.locked))
      throw new EzoneError('EZ_ORDER_LOCKED', `${table} ${Object.values(key).join(', ')} is locked`)
    return row as Row
  }

  update(table: string, key: Values, changes: Values): Promise<number> {
    const set = { ...changes, epoch: this.#claim.epoch }
    const where = { ...key, shard: this.#claim.shard }
    const sql = updateRows(table, Object.keys(set), Object.keys(where))
    return this.change(sql, [...Object.values(set), ...Object.values(where)])
  }
}

/** A row to insert, with shard and epoch as the claim says. */
export function claimed(row: Values, { shard, epoch }: Claim): { columns: readonly string[]; values: SqlValue[] } {
  const whole = { ...row, shard, epoch }
  return { columns: Object.keys(whole), values: Object.values(whole) }
}

/** A column `locked` holds null, 0 or nothing while the row is free; a reason, a time or 1 while it is not. */
const isLocked = (locked: unknown): boolean =>
  locked !== undefined && locked !== null && locked !== '' && String(locked) !== '0'

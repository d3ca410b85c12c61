import { type Claim, EzoneError } from '../model/index.ts'
import { equals, quotedName } from './sql.ts'
import type { Statements } from './statements.ts'
import type { SqlRow, SqlValue, Tx } from './types.ts'

type Values = Readonly<Record<string, SqlValue>>

/** The transaction of one shard: rows are written under its shard and the epoch of the claim, and no other's are. */
export class ShardTx implements Tx {
  readonly #statements: Statements
  readonly #claim: Claim

  constructor(statements: Statements, claim: Claim) {
    this.#statements = statements
    this.#claim = claim
  }

  rows<Row = SqlRow>(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#statements.rows<Row>(sql, values)
  }

  change(sql: string, values?: readonly SqlValue[]): Promise<number> {
    return this.#statements.change(sql, values)
  }

  async insert(table: string, row: Values): Promise<void> {
    const { columns, values } = claimed(row, this.#claim)
    const names = columns.map(quotedName).join(', ')
    await this.change(
      `INSERT INTO ${quotedName(table)} (${names}) VALUES (${columns.map(() => '?').join(', ')})`,
      values,
    )
  }

  async take<Row = SqlRow>(table: string, key: Values): Promise<Row | undefined> {
    const [row] = await this.rows<SqlRow>(
      `SELECT * FROM ${quotedName(table)} WHERE ${equals(Object.keys(key), ' AND ')} FOR UPDATE`,
      Object.values(key),
    )
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
    return this.change(
      `UPDATE ${quotedName(table)} SET ${equals(Object.keys(set), ', ')} WHERE ${equals(Object.keys(where), ' AND ')}`,
      [...Object.values(set), ...Object.values(where)],
    )
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

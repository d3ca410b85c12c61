import type { Clock, RowImage } from '@ezone/sdk/model'
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import type { TargetTransaction } from '../core/applier.ts'
import { keyId, keyText, shapeOf } from '../core/keys.ts'
import type { Locals } from '../core/plan.ts'
import { graveAfter } from '../core/second-look.ts'
import type { LocalRow, Plan, RowKey } from '../core/types.ts'
import { limits } from '../limits.ts'
import { fold, type KeyWrite } from './fold.ts'
import { imageOf } from './session.ts'
import * as sql from './statements.ts'
import type { TargetTable, TargetTables } from './tables.ts'

/** Somebody wrote a key between our look and our write: what was decided is not valid any more. */
export class Interfered extends Error {}

export interface OpenTransactionOptions {
  readonly connection: Connection
  readonly tables: TargetTables
  /** This zone. */
  readonly zone: string
  readonly source: string
  readonly clock: Clock
}

type Results = readonly (RowDataPacket[] | ResultSetHeader)[]

/**
 * One transaction of the target.
 *
 * Rows and tombstones that are there are locked when they are read. What is not there cannot be locked without gap locks,
 * so it is looked at once more after the write, when the write itself holds the key: a row that came and went under a
 * key we insert has left a tombstone, a row that came under a key we bury is there.
 */
export class OpenTransaction implements TargetTransaction {
  readonly #options: OpenTransactionOptions
  #tombstones: ReadonlyMap<string, bigint> = new Map()

  constructor(options: OpenTransactionOptions) {
    this.#options = options
  }

  async find(keys: readonly RowKey[]): Promise<Locals> {
    const { zone } = this.#options
    const unique = [...new Map(keys.map((key) => [keyId(key), key])).values()]
    const groups = [...Map.groupBy(unique, ({ table }) => table)].map(
      ([name, group]) => [this.#table(name), group.map(({ pk }) => pk)] as const,
    )
    const [taken = [], tombstones, rows] = await this.#select([
      [sql.selectTaken(zone)],
      slices(unique).map(sql.selectTombstones),
      groups.flatMap(([table, pks]) => slices(pks).map((slice) => sql.selectRows(table, slice))),
    ])
    this.#tombstones = new Map(
      tombstones
        ?.flat()
        .map((row) => [keyId({ table: String(row.tbl), pk: row.pk.toString('utf8') }), BigInt(row.drc_ver)]),
    )
    const images = new Map<string, RowImage>()
    const owners = groups.flatMap(([table, pks]) => slices(pks).map(() => table))
    rows?.forEach((found, index) => {
      const table = owners[index]
      for (const row of found) {
        const image = imageOf(row)
        if (table) images.set(keyId({ table: table.name, pk: keyText(table.name, table, image) }), image)
      }
    })
    const epochs = new Map(taken.flat().map((row) => [Number(row.shard), Number(row.taken_epoch)]))
    return {
      local: (key) => localRow(images.get(keyId(key)), this.#tombstones.get(keyId(key))),
      takenEpoch: (shard) => epochs.get(shard) ?? 0,
    }
  }

  async write({ writes, conflicts }: Plan): Promise<void> {
    const { connection, source, clock } = this.#options
    const folded = fold(writes)
    const statements: string[] = []
    const groups = [...Map.groupBy(folded, ({ table }) => table)].map(
      ([name, group]) => [this.#table(name), group] as const,
    )
    for (const [table, group] of groups) {
      const gone = group.filter(({ existed, row }) => existed && row === null)
      statements.push(...sql.deleteRows(table, gone))
      for (const existed of [true, false])
        statements.push(
          ...sql.writeRows(
            table,
            group.filter((write) => write.existed === existed),
            existed,
          ),
        )
    }
    statements.push(...sql.writeTombstones(folded.filter(({ tombstone }) => tombstone !== null)))
    statements.push(...sql.writeConflicts(conflicts, source, clock.nowMs()))
    if (statements.length > 0) await connection.query(statements.join(';'))
    await this.#lookAgain(groups)
  }

  async advance({ uuid, from, to }: { uuid: string; from: number; to: number }): Promise<boolean> {
    const { connection, source, clock } = this.#options
    const [changed] = await connection.query<ResultSetHeader>(
      from === 0
        ? 'INSERT IGNORE INTO ezone_drc.position (gno, applied_at_ms, source, uuid) VALUES (?, ?, ?, ?)'
        : 'UPDATE ezone_drc.position SET gno = ?, applied_at_ms = ? WHERE source = ? AND uuid = ? AND gno = ?',
      [to, clock.nowMs(), source, uuid, from],
    )
    return changed.affectedRows === 1
  }

  async #lookAgain(groups: readonly (readonly [TargetTable, readonly KeyWrite[]])[]): Promise<void> {
    const inserted = groups.flatMap(([, writes]) => writes.filter(({ existed, row }) => !existed && row !== null))
    const expected = new Map(
      inserted.map((write) => [keyId(write), graveAfter(this.#tombstones.get(keyId(write)), write.tombstone)]),
    )
    const buried = groups.flatMap(([table, writes]) => {
      const pks = writes.filter(({ existed, row }) => !existed && row === null).map(({ pk }) => pk)
      return slices(pks).map((slice) => sql.selectKeys(table, slice))
    })
    const [tombstones = [], rows = []] = await this.#select([slices(inserted).map(sql.selectTombstones), buried])
    const isNew = (row: RowDataPacket) =>
      expected.get(keyId({ table: String(row.tbl), pk: row.pk.toString('utf8') })) !== BigInt(row.drc_ver)
    if (tombstones.flat().some(isNew) || rows.flat().length > 0) throw new Interfered()
  }

  /** Runs groups of statements at once, and gives the rows of each statement of each group. */
  async #select(groups: readonly (readonly string[])[]): Promise<readonly (readonly RowDataPacket[][])[]> {
    const statements = groups.flat()
    if (statements.length === 0) return groups.map(() => [])
    const [answer] = await this.#options.connection.query(statements.join(';'))
    const results = (statements.length === 1 ? [answer] : answer) as Results
    let next = 0
    return groups.map((group) => group.map(() => results[next++] as RowDataPacket[]))
  }

  #table(name: string): TargetTable {
    shapeOf(this.#options.tables.shapes, name)
    return this.#options.tables.get(name) as TargetTable
  }
}

function localRow(row: RowImage | undefined, tombstone: bigint | undefined): LocalRow {
  return { row: row ?? null, ver: BigInt(String(row?.drc_ver ?? 0)), tombstone: tombstone ?? 0n }
}

/** A statement names so many keys at most. */
function slices<T>(all: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(all.length / limits.statementRowsMax)
  return Array.from({ length: count }, (_, i) =>
    all.slice(i * limits.statementRowsMax, (i + 1) * limits.statementRowsMax),
  )
}

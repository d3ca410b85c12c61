import { EzoneError } from '@ezone/sdk/errors'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { MysqlDoor } from '../find-drc.ts'
import type { Range, RangeSource } from './ranges.ts'
import type { RowLook, ZoneLook } from './settle.ts'
import type { Column, Shapes, TableShape } from './shape.ts'
import type { RowKey } from './sql.ts'
import * as sql from './sql.ts'
import { ownNumbers } from './watermark.ts'

const connectMs = 2_000
/** No statement reads more than a chunk. */
const statementMs = 10_000

/** A column's value as one zone has it, of one row. */
export interface Value {
  readonly digest: string | null
  /** At most `shownChars` of it. */
  readonly text: string | null
}

/**
 * One zone's MySQL, read directly and as root: beside what replicates it, so that a fault there is seen and not shared.
 * One session, which reads and locks nothing.
 */
export class ZoneReader implements Disposable {
  readonly zone: string
  readonly #connection: Connection
  readonly #signal: AbortSignal

  private constructor(zone: string, connection: Connection, signal: AbortSignal) {
    this.zone = zone
    this.#connection = connection
    this.#signal = signal
  }

  /** @throws EZ_STORE_UNREACHABLE; so does every other method where the server does not answer in time. */
  static async open({ zone, mysql }: MysqlDoor, signal: AbortSignal): Promise<ZoneReader> {
    const { createConnection } = await import('mysql2/promise')
    const exact = { supportBigNumbers: true, bigNumberStrings: true, dateStrings: true }
    const connection = await createConnection({ ...mysql, ...exact, connectTimeout: connectMs }).catch((cause) => {
      throw silent(zone, cause)
    })
    // Every statement says itself when the connection broke; without a listener the process would end.
    connection.on('error', () => undefined)
    const reader = new ZoneReader(zone, connection, signal)
    try {
      await reader.#ask("SET SESSION time_zone = '+00:00', sql_mode = '', transaction_isolation = 'REPEATABLE-READ'")
    } catch (error) {
      reader[Symbol.dispose]()
      throw error
    }
    return reader
  }

  async shapes(): Promise<Shapes> {
    const rows = await this.#ask(sql.shapesSql)
    const columns = Map.groupBy(rows, ({ tbl }) => String(tbl))
    return new Map([...columns].map(([table, all]) => [table, all.map(toColumn)]))
  }

  table(shape: TableShape): RangeSource<RowKey> {
    return {
      sum: async (range: Range<RowKey>) => {
        const [row] = await this.#ask(sql.sumSql(shape, range))
        if (row?.n !== row?.hashed)
          throw new EzoneError('EZ_BUG', `${this.zone} has rows of ${shape.name} that are too large to be summed`)
        return { rows: Number(row?.n), digest: String(row?.digest) }
      },
      keyAt: async (range, n) => {
        const [row] = await this.#ask(sql.keyAtSql(shape, range, n))
        return row === undefined ? null : toKey(row, shape)
      },
      digests: async (range) => {
        const rows = await this.#ask(sql.digestsSql(shape, range))
        return new Map(rows.map((row) => [idOf(row), { key: toKey(row, shape), digest: String(row.digest) }]))
      },
    }
  }

  /**
   * Rows and tombstones at one moment, between two marks: what was there for certain, and beyond which nothing was. A
   * transaction can be seen a moment before its server counts it as executed; it is among the owned ones then.
   */
  async look(shape: TableShape, keys: readonly RowKey[]): Promise<ZoneLook> {
    const [before] = await this.#ask('SELECT @@GLOBAL.gtid_executed AS gtids')
    await this.#ask('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
    const applied = await this.#ask('SELECT source, uuid, gno FROM ezone_drc.position')
    const found = await this.#ask(sql.rowsSql(shape, keys))
    const tombstones = await this.#ask(sql.tombstonesSql(shape.name, keys))
    await this.#ask('COMMIT')
    const [owned] = await this.#ask('SELECT @@GLOBAL.gtid_owned AS gtids')
    const [after] = await this.#ask('SELECT @@GLOBAL.gtid_executed AS gtids')
    const positions = applied.map(
      ({ source, uuid, gno }) => [`${source}/${String(uuid).toLowerCase()}`, Number(gno)] as const,
    )
    const own = (...sets: readonly (RowDataPacket | undefined)[]) =>
      ownNumbers(this.zone, ...sets.map((set) => String(set?.gtids ?? '')))
    return {
      zone: this.zone,
      has: new Map([...positions, ...own(before)]),
      mayHave: new Map([...positions, ...own(owned, after)]),
      rows: rowLooks(found, tombstones),
    }
  }

  /** Every column of a row, by name; null where there is no row. */
  async values(shape: TableShape, key: RowKey): Promise<ReadonlyMap<string, Value> | null> {
    const [row] = await this.#ask(sql.valuesSql(shape, key))
    if (row === undefined) return null
    const cell = (value: unknown) => (value === null ? null : String(value))
    return new Map(
      shape.columns.map(({ name }, index) => [name, { digest: cell(row[`h${index}`]), text: cell(row[`v${index}`]) }]),
    )
  }

  /** Bounded by hand: the library forgets a query with its connection, and then it would never end. */
  async #ask(text: string): Promise<RowDataPacket[]> {
    const end = AbortSignal.any([this.#signal, AbortSignal.timeout(statementMs)])
    const { promise: ended, reject } = Promise.withResolvers<never>()
    const cut = () => {
      this.#connection.destroy()
      reject(this.#signal.aborted ? this.#signal.reason : new Error(`no answer within ${statementMs} ms`))
    }
    end.addEventListener('abort', cut, { once: true })
    try {
      if (end.aborted) cut()
      const [rows] = await Promise.race([this.#connection.query<RowDataPacket[]>(text), ended])
      return rows
    } catch (cause) {
      if (this.#signal.aborted) throw this.#signal.reason
      throw silent(this.zone, cause)
    } finally {
      end.removeEventListener('abort', cut)
    }
  }

  [Symbol.dispose](): void {
    this.#connection.destroy()
  }
}

/** What the server itself refuses says why; without that the connection broke, and nothing is known. */
function silent(zone: string, cause: unknown): EzoneError {
  const said = cause instanceof Error && 'sqlMessage' in cause ? `says: ${cause.sqlMessage}` : 'does not answer'
  return new EzoneError('EZ_STORE_UNREACHABLE', `the MySQL of ${zone} ${said}`, { cause })
}

const toColumn = ({ name, type, definition, keyed }: RowDataPacket): Column => ({
  name: String(name),
  type: String(type).toLowerCase(),
  definition: String(definition),
  keyed: keyed === null ? null : Number(keyed),
})

const idOf = ({ pk }: RowDataPacket): string => (pk as Buffer).toString('hex')

const toKey = (row: RowDataPacket, { key }: TableShape): RowKey => ({
  id: idOf(row),
  values: key.map((_, index) => String(row[`k${index}`])),
})

function rowLooks(found: readonly RowDataPacket[], tombstones: readonly RowDataPacket[]): ReadonlyMap<string, RowLook> {
  const looks = new Map<string, RowLook>()
  for (const row of found)
    looks.set(idOf(row), { version: BigInt(row.version), digest: String(row.digest), tombstone: 0n })
  for (const row of tombstones) {
    const look = looks.get(idOf(row)) ?? { version: 0n, digest: null, tombstone: 0n }
    looks.set(idOf(row), { ...look, tombstone: BigInt(row.version) })
  }
  return looks
}

import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { Shapes, TableShape } from '../core/types.ts'

/** What the applier has to know of a table of its own zone. */
export interface TargetTable extends TableShape {
  readonly name: string
  /** Columns that can be written, in their order; generated ones are not among them. */
  readonly columns: readonly string[]
  /** Columns whose values are written without quotes. */
  readonly numeric: ReadonlySet<string>
  /** Columns the server computes by itself. */
  readonly generated: ReadonlySet<string>
}

/** Every table that is replicated: it has a version and a primary key, and is none of the zone's own. */
const columnsSql = `
  SELECT c.table_schema AS s, c.table_name AS t, c.column_name AS c, c.data_type AS type,
         c.generation_expression <> '' AS computed, k.ordinal_position AS keyed
  FROM information_schema.columns c
  JOIN information_schema.columns v
    ON v.table_schema = c.table_schema AND v.table_name = c.table_name AND v.column_name = 'drc_ver'
  LEFT JOIN information_schema.key_column_usage k
    ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name
   AND k.constraint_name = 'PRIMARY'
  WHERE c.table_schema NOT IN ('ezone', 'ezone_drc', 'mysql', 'sys', 'information_schema', 'performance_schema')
  ORDER BY c.table_schema, c.table_name, c.ordinal_position`

const numericTypes: ReadonlySet<string> = new Set([
  'tinyint',
  'smallint',
  'mediumint',
  'int',
  'bigint',
  'decimal',
  'year',
])

/** The tables as they were when last looked at. Looked at again whenever something did not fit. */
export class TargetTables {
  #tables: ReadonlyMap<string, TargetTable> = new Map()

  async load(connection: Connection): Promise<void> {
    const [rows] = await connection.query<RowDataPacket[]>(columnsSql)
    const grouped = Map.groupBy(rows, ({ s, t }) => `${s}.${t}`)
    this.#tables = new Map([...grouped].map(([name, columns]) => [name, toTable(name, columns)]))
  }

  get(name: string): TargetTable | undefined {
    return this.#tables.get(name)
  }

  /** A table without a primary key cannot be replicated. */
  readonly shapes: Shapes = (name) => {
    const table = this.#tables.get(name)
    return table && table.key.length > 0 ? table : undefined
  }
}

function toTable(name: string, columns: readonly RowDataPacket[]): TargetTable {
  const named = (keep: (row: RowDataPacket) => unknown) => columns.filter(keep).map(({ c }) => String(c))
  return {
    name,
    key: columns
      .filter(({ keyed }) => keyed !== null)
      .sort((a, b) => a.keyed - b.keyed)
      .map(({ c }) => String(c)),
    columns: named(({ computed }) => !Number(computed)),
    generated: new Set(named(({ computed }) => Number(computed))),
    numeric: new Set(named(({ type }) => numericTypes.has(String(type)))),
  }
}

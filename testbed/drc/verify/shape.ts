/** A column as one zone has it. */
export interface Column {
  readonly name: string
  /** `bigint`, `varchar` … */
  readonly type: string
  /** Whatever else makes a column another one: full type, collation, NULL, expression. As text, to be compared. */
  readonly definition: string
  /** 1 for the first column of the primary key; null for one that is not in it. */
  readonly keyed: number | null
}

/** The multi-active tables of a zone: those with a `drc_ver`. */
export type Shapes = ReadonlyMap<string, readonly Column[]>

/** What the rows of a table can be compared by. */
export interface TableShape {
  /** `schema.table` */
  readonly name: string
  /** In the order of the primary key. */
  readonly key: readonly Column[]
  /** All that are the same in every zone, by name. */
  readonly columns: readonly Column[]
}

export interface InCommon {
  /** null where rows cannot be compared. */
  readonly shape: TableShape | null
  /** Whatever is not the same in every zone. */
  readonly problems: readonly string[]
  /** Set where nobody could replicate or compare it. */
  readonly unfit: string | null
}

/** What zones have in common of a table, and what not. */
export function inCommon(name: string, zones: ReadonlyMap<string, Shapes>): InCommon {
  const having = [...zones].flatMap(([zone, shapes]) => {
    const columns = shapes.get(name)
    return columns === undefined ? [] : [{ zone, columns }]
  })
  const missing = [...zones.keys()].filter((zone) => !having.some((one) => one.zone === zone))
  if (missing.length > 0)
    return { shape: null, problems: [`${missing.join(' and ')} has no such multi-active table`], unfit: null }
  const names = [...new Set(having.flatMap(({ columns }) => columns.map((column) => column.name)))].toSorted()
  const problems: string[] = []
  const common: Column[] = []
  for (const column of names) {
    const told = having.map(({ zone, columns }) => ({ zone, found: columns.find((one) => one.name === column) }))
    const [first] = told
    if (first?.found && told.every(({ found }) => found?.definition === first.found?.definition))
      common.push(first.found)
    else
      problems.push(
        `column ${column}: ${told.map(({ zone, found }) => `${zone} ${found?.definition ?? 'has none'}`).join(', ')}`,
      )
  }
  const keys = having.map(({ columns }) =>
    keyOf(columns)
      .map((column) => `${column.name} ${column.definition}`)
      .join(),
  )
  if (keys.some((key) => key !== keys[0]))
    return { shape: null, problems: [...problems, 'the primary keys are not the same'], unfit: null }
  const key = keyOf(common)
  if (key.length === 0) return { shape: null, problems, unfit: 'it has no primary key' }
  return { shape: { name, key, columns: common }, problems, unfit: null }
}

const keyOf = (columns: readonly Column[]): readonly Column[] =>
  columns.filter(({ keyed }) => keyed !== null).toSorted((a, b) => Number(a.keyed) - Number(b.keyed))

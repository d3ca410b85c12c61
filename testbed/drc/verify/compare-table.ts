import type { Clock } from '@ezone/sdk/model'
import { differences } from './ranges.ts'
import type { Difference, TableReport } from './report.ts'
import { type Behind, type Patience, settleRows } from './settle-rows.ts'
import type { TableShape } from './shape.ts'
import type { RowKey } from './sql.ts'
import type { ZoneReader } from './zone-reader.ts'

/** Memory stays within these, whatever the size of a table. */
const limits = {
  chunkRows: 4_096,
  leafRows: 512,
  /** Rows that are looked at again at once. */
  settleRows: 500,
  /** With more differences than this the rest of a table is not compared. */
  differencesMax: 1_000,
} as const

export interface Surroundings {
  readonly patience: Patience
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress: (table: string, rows: number) => void
}

export interface Compared {
  readonly table: Omit<TableReport, 'problems'>
  readonly differences: readonly Difference[]
  /** Whom the comparison gave up waiting for. */
  readonly behind: readonly Behind[]
}

/** Compares one table of all zones, row by row below all their watermarks. */
export async function compareTable(
  readers: readonly ZoneReader[],
  shape: TableShape,
  surroundings: Surroundings,
): Promise<Compared> {
  const work = new Comparison(readers, shape, surroundings)
  const rows = readers.map(() => 0)
  const suspects = new Map<string, RowKey>()
  const sources = readers.map((reader) => reader.table(shape))
  for await (const found of differences(sources, limits)) {
    found.rows.forEach((count, index) => {
      rows[index] = (rows[index] ?? 0) + count
    })
    for (const [id, key] of found.keys) suspects.set(id, key)
    surroundings.onProgress(shape.name, Math.max(...rows))
    while (suspects.size >= limits.settleRows && work.goesOn) await work.judge(take(suspects))
    if (!work.goesOn) break
  }
  while (suspects.size > 0 && work.goesOn) await work.judge(take(suspects))
  const counted = Object.fromEntries(readers.map(({ zone }, index) => [zone, rows[index] ?? 0]))
  const { found, pending, unknown, behind, goesOn } = work
  return {
    table: {
      name: shape.name,
      rows: counted,
      differing: found.length,
      pending,
      unknown: unknown + suspects.size,
      complete: goesOn,
    },
    differences: found,
    behind,
  }
}

function take(suspects: Map<string, RowKey>): readonly RowKey[] {
  const taken = [...suspects].slice(0, limits.settleRows)
  for (const [id] of taken) suspects.delete(id)
  return taken.map(([, key]) => key)
}

class Comparison {
  readonly #readers: readonly ZoneReader[]
  readonly #shape: TableShape
  readonly #surroundings: Surroundings
  readonly found: Difference[] = []
  behind: readonly Behind[] = []
  pending = 0
  unknown = 0

  constructor(readers: readonly ZoneReader[], shape: TableShape, surroundings: Surroundings) {
    this.#readers = readers
    this.#shape = shape
    this.#surroundings = surroundings
  }

  get goesOn(): boolean {
    return this.unknown === 0 && this.found.length < limits.differencesMax
  }

  async judge(keys: readonly RowKey[]): Promise<void> {
    const { patience } = this.#surroundings
    const { settling, behind } = await settleRows(
      this.#readers,
      { shape: this.#shape, keys, patience },
      this.#surroundings,
    )
    const verdicts = Map.groupBy(keys, ({ id }) => settling.verdict(id))
    for (const key of verdicts.get('differs') ?? []) {
      const difference = await this.#evidence(key)
      if (difference !== null) this.found.push(difference)
    }
    this.pending += verdicts.get('pending')?.length ?? 0
    this.unknown += verdicts.get('open')?.length ?? 0
    if (this.unknown > 0) this.behind = behind
  }

  /** What each zone has there now; null where a later write has made them the same. */
  async #evidence(key: RowKey): Promise<Difference | null> {
    const shape = this.#shape
    const zones = await Promise.all(
      this.#readers.map(async (reader) => {
        const { rows } = await reader.look(shape, [key])
        const row = rows.get(key.id)
        const version = row && row.digest !== null ? row.version : (row?.tombstone ?? 0n)
        const state = row === undefined ? 'absent' : row.digest === null ? 'deleted' : 'row'
        const values = await reader.values(shape, key)
        return { zone: reader.zone, state, version, digest: row?.digest ?? null, values } as const
      }),
    )
    if (zones.every(({ digest }) => digest === zones[0]?.digest)) return null
    const withRow = zones.flatMap(({ zone, values }) => (values === null ? [] : [{ zone, values }]))
    const columns = shape.columns
      .filter(({ name }) =>
        withRow.some(({ values }) => values.get(name)?.digest !== withRow[0]?.values.get(name)?.digest),
      )
      .map(({ name }) => ({
        name,
        values: Object.fromEntries(withRow.map(({ zone, values }) => [zone, values.get(name)?.text ?? null])),
      }))
    const states = zones.map(({ state }) => state)
    return {
      table: shape.name,
      key: Object.fromEntries(shape.key.map(({ name }, index) => [name, key.values[index] ?? ''])),
      kind: states.includes('absent') ? 'missing' : states.includes('deleted') ? 'deleted' : 'contents',
      zones: Object.fromEntries(
        zones.map(({ zone, state, version }) => [zone, { state, version: version > 0n ? String(version) : null }]),
      ),
      columns,
    }
  }
}

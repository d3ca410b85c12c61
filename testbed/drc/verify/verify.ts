import { EzoneError } from '@ezone/sdk/errors'
import type { Clock } from '@ezone/sdk/model'
import type { MysqlDoor } from '../find-drc.ts'
import { compareTable } from './compare-table.ts'
import { type Difference, isEqual, type TableReport, type Unknown, type VerifyReport } from './report.ts'
import type { Behind, Patience } from './settle-rows.ts'
import { inCommon, type Shapes } from './shape.ts'
import { ZoneReader } from './zone-reader.ts'

export interface VerifyOptions {
  /** The zones to be compared, two at least. */
  readonly doors: readonly MysqlDoor[]
  /** `schema.table`; empty for every multi-active table. */
  readonly tables?: readonly string[]
  readonly patience: Patience
  /** Says in a few words why a zone does not come nearer, where somebody knows. */
  readonly whyBehind?: (behind: Behind) => Promise<string | null>
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress?: (table: string, rows: number) => void
}

/** A lane whose applier died goes on within six seconds and a start. */
const stallMs = 12_000

/** @param withinMs how long in all */
export const patienceOf = (withinMs: number): Patience => ({ withinMs, stallMs: Math.min(withinMs, stallMs) })

/**
 * Compares what the zones' stores hold, row by row, all columns; beside the platform, and while it works. Rows on their
 * way are waited for. What cannot be compared is unknown, and said; it is never equal.
 *
 * @throws EZ_USAGE for a table that no zone has
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const { clock, doors } = options
  const beganMs = clock.monotonicMs()
  const unknown: Unknown[] = []
  using open = new DisposableStack()
  const readers = await openAll(options, open, unknown)
  const tables: TableReport[] = []
  const differences: Difference[] = []
  if (readers.length >= 2)
    try {
      await compareAll(readers, options, { tables, differences, unknown })
    } catch (error) {
      if (!EzoneError.is(error, 'EZ_STORE_UNREACHABLE')) throw error
      unknown.push({ zone: null, table: null, reason: said(error) })
    }
  else if (doors.length < 2) unknown.push({ zone: null, table: null, reason: 'there are no two zones to compare' })
  return {
    equal: isEqual(tables, unknown),
    zones: readers.map(({ zone }) => zone),
    tables,
    differences,
    unknown,
    tookMs: Math.round(clock.monotonicMs() - beganMs),
  }
}

/** The zones that answer; the others are unknown. */
async function openAll(
  { doors, signal }: VerifyOptions,
  open: DisposableStack,
  unknown: Unknown[],
): Promise<readonly ZoneReader[]> {
  const opened = await Promise.allSettled(doors.map((door) => ZoneReader.open(door, signal)))
  const readers = opened.flatMap((outcome) => (outcome.status === 'fulfilled' ? [open.use(outcome.value)] : []))
  for (const [index, outcome] of opened.entries()) {
    if (outcome.status === 'fulfilled') continue
    if (!EzoneError.is(outcome.reason, 'EZ_STORE_UNREACHABLE')) throw outcome.reason
    unknown.push({ zone: doors[index]?.zone ?? null, table: null, reason: said(outcome.reason) })
  }
  return readers
}

/** Ends early where a zone does not catch up: what comes after would have to wait as long, for the same. */
async function compareAll(
  readers: readonly ZoneReader[],
  options: VerifyOptions,
  into: { readonly tables: TableReport[]; readonly differences: Difference[]; readonly unknown: Unknown[] },
): Promise<void> {
  const { patience, clock, signal, onProgress = () => undefined, whyBehind } = options
  const shapes = new Map(await Promise.all(readers.map(async (one) => [one.zone, await one.shapes()] as const)))
  const names = namesOf(shapes, options.tables ?? [])
  for (const [index, name] of names.entries()) {
    const { shape, problems, unfit } = inCommon(name, shapes)
    if (unfit !== null) into.unknown.push({ zone: null, table: name, reason: `${name}: ${unfit}` })
    if (shape === null) {
      into.tables.push({ name, rows: {}, differing: 0, pending: 0, unknown: 0, complete: false, problems })
      continue
    }
    const compared = await compareTable(readers, shape, { patience, clock, signal, onProgress })
    into.tables.push({ ...compared.table, problems })
    into.differences.push(...compared.differences)
    if (compared.table.unknown === 0) continue
    for (const behind of compared.behind)
      into.unknown.push({ zone: behind.zone, table: name, reason: await behindText(behind, whyBehind) })
    const rest = names.slice(index + 1)
    for (const table of rest) into.unknown.push({ zone: null, table, reason: `${table} was not compared after that` })
    return
  }
}

/** @throws EZ_USAGE */
function namesOf(zones: ReadonlyMap<string, Shapes>, wanted: readonly string[]): readonly string[] {
  const all = [...new Set([...zones.values()].flatMap((shapes) => [...shapes.keys()]))].toSorted()
  const strange = wanted.filter((name) => !all.includes(name))
  if (strange.length > 0)
    throw new EzoneError('EZ_USAGE', `no zone has a multi-active table ${strange.join(', ')}`, {
      hint: all.length > 0 ? `There are: ${all.join(', ')}.` : 'There is none yet.',
    })
  return wanted.length > 0 ? all.filter((name) => wanted.includes(name)) : all
}

async function behindText(behind: Behind, why: VerifyOptions['whyBehind']): Promise<string> {
  const { zone, source, at, wanted } = behind
  const reason = (await why?.(behind)) ?? null
  return `${zone} has applied ${source} up to transaction ${at}, not ${wanted}${reason === null ? '' : ` (${reason})`}`
}

const said = (error: EzoneError): string => {
  const { message, cause } = error.toJSON()
  return cause === null ? message : `${message}: ${cause}`
}

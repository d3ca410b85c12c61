import { EzoneError } from '@ezone/sdk/errors'
import { type DrcConflict, drcConflictsSchema } from '@ezone/sdk/model'
import { table } from '../face/table.ts'
import type { DrcDoor } from './find-drc.ts'

const answerMs = 5_000

export interface ConflictsWanted {
  /** `schema.table` */
  readonly table?: string | undefined
  /** Columns of the primary key, joined by 0x1f where there are several. */
  readonly key?: string | undefined
  /** Of each zone, the newest. */
  readonly limit: number
}

/** `data` of `drc conflicts`: a contract, fields are only ever added. */
export interface Conflicts {
  /** Newest first. Each zone keeps those it has met: a conflict usually stands in both. */
  readonly conflicts: readonly (DrcConflict & { readonly zone: string })[]
  /** All that fit, by zone, also those beyond the limit. */
  readonly total: Readonly<Record<string, number>>
  /** Zones of which no instance answers. */
  readonly silent: readonly string[]
}

/** The losers each zone keeps, as any of its instances tells them. */
export async function findConflicts(
  doors: readonly DrcDoor[],
  wanted: ConflictsWanted,
  signal: AbortSignal,
): Promise<Conflicts> {
  const zones = [...Map.groupBy(doors, ({ zone }) => zone)]
  const answers = await Promise.all(zones.map(([zone, instances]) => askZone(zone, instances, wanted, signal)))
  const told = answers.filter((answer) => answer !== null)
  return {
    conflicts: told
      .flatMap(({ zone, conflicts }) => conflicts.map((conflict) => ({ zone, ...conflict })))
      .toSorted((a, b) => b.atMs - a.atMs),
    total: Object.fromEntries(told.map(({ zone, total }) => [zone, total])),
    silent: zones.map(([zone]) => zone).filter((zone) => !told.some((answer) => answer.zone === zone)),
  }
}

async function askZone(zone: string, instances: readonly DrcDoor[], wanted: ConflictsWanted, signal: AbortSignal) {
  const query = new URLSearchParams({ limit: String(wanted.limit) })
  if (wanted.table !== undefined) query.set('table', wanted.table)
  if (wanted.key !== undefined) query.set('key', wanted.key)
  for (const { door } of instances) {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(answerMs)])
    const answer = await fetch(`http://${door.host}:${door.port}/conflicts?${query}`, { signal: soon })
      .then(async (response) => (response.ok ? drcConflictsSchema.parse(await response.json()) : null))
      .catch(() => null)
    signal.throwIfAborted()
    if (answer !== null) return { zone, ...answer }
  }
  return null
}

/** @throws EZ_NOT_RUNNING where a zone was not heard: what it keeps is not known */
export function requireHeard({ silent }: Conflicts): void {
  if (silent.length > 0)
    throw new EzoneError('EZ_NOT_RUNNING', `no instance of drc in ${silent.join(', ')} tells its conflicts`)
}

export function conflictsText({ conflicts, total }: Conflicts): string {
  const rows = conflicts.map(({ zone, atMs, source, table: name, key, loser, locked, winner, loserImage }) => [
    new Date(atMs).toISOString(),
    zone,
    name,
    key.replaceAll('\x1f', ', '),
    loser === 'incoming' ? `the change from ${source}` : `the row here, to ${source}`,
    changed(winner, loserImage),
    locked ? 'locked' : '',
  ])
  const count = Object.entries(total).map(([zone, n]) => `${n} in ${zone}`)
  if (rows.length === 0) return `no conflicts (${count.join(', ')})`
  return `${table(['at', 'zone', 'table', 'key', 'lost', 'kept, and what lost', ''], rows)}\n\n${count.join(', ')}`
}

const columnsShown = 3
const valueChars = 24

/** `state paid, not cancelled`: columns in which the two differ; those that every write changes say nothing. */
function changed(winner: DrcConflict['winner'], loser: DrcConflict['loserImage']): string {
  if (winner === null || loser === null)
    return winner === null ? (loser === null ? 'deleted' : 'deleted, not changed') : 'changed, not deleted'
  const names = Object.keys({ ...winner, ...loser }).filter(
    (name) => name !== 'drc_ver' && name !== 'trace_id' && said(winner[name]) !== said(loser[name]),
  )
  const shown = names.slice(0, columnsShown).map((name) => `${name} ${said(winner[name])}, not ${said(loser[name])}`)
  return [...shown, ...(names.length > columnsShown ? [`and ${names.length - columnsShown} more`] : [])].join('; ')
}

const said = (value: unknown): string => {
  const text =
    value === null || value === undefined ? 'NULL' : typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.length > valueChars ? `${text.slice(0, valueChars)}…` : text
}

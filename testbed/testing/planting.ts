import type { Entry, EntryOf, OperationEntry } from '../ledger/history.ts'
import { operation, type PlayedOptions } from './played-history.ts'

/** Something that goes wrong in an otherwise correct run, and the one claim that must find it. */
export interface Planted {
  readonly claim: string
  readonly what: string
  /** In the counterexample, so that a person finds it. */
  readonly tells: RegExp
  readonly options?: Partial<PlayedOptions>
  readonly plant: (entries: readonly Entry[]) => readonly Entry[]
}

type Type = Entry['type']

export const is =
  <T extends Type>(type: T) =>
  (entry: Entry): entry is EntryOf<T> =>
    entry.type === type
export const ops = (entries: readonly Entry[]) => entries.filter(is('op'))

/** Replaces every entry of a type that fits; at least one must. */
export function change<T extends Type>(
  entries: readonly Entry[],
  type: T,
  fits: (entry: EntryOf<T>) => boolean,
  changed: (entry: EntryOf<T>) => Entry | null,
): readonly Entry[] {
  let changes = 0
  const result = entries.flatMap((entry) => {
    if (!is(type)(entry) || !fits(entry)) return [entry]
    changes++
    return changed(entry) ?? []
  })
  return changes > 0 ? result : nothingFits(`${type} to change`)
}

export function nothingFits(what: string): never {
  throw new TypeError(`the played history has no ${what}`)
}

export const drop = <T extends Type>(entries: readonly Entry[], type: T, fits: (entry: EntryOf<T>) => boolean) =>
  change(entries, type, fits, () => null)

export function find(entries: readonly Entry[], fits: (op: OperationEntry) => boolean): OperationEntry {
  return ops(entries).find(fits) ?? nothingFits('such operation')
}

export const isPlace = ({ kind, outcome }: OperationEntry) => kind === 'place' && outcome === 'ok'
export const lastStep = (state: string) => (op: OperationEntry) => op.kind === 'advance' && op.wanted === state
export const afterMove = (op: OperationEntry) => op.shard === 3 && op.epoch === 3 && op.kind === 'advance'
export const withRow = (
  entries: readonly Entry[],
  orderId: string,
  changes: Partial<EntryOf<'order'>>,
  zone?: string,
) =>
  change(
    entries,
    'order',
    (row) => row.orderId === orderId && (zone === undefined || row.zone === zone),
    (row) => ({ ...row, ...changes }),
  )
/** A second look at what an operation has shown. */
export const looked = (entries: readonly Entry[], op: OperationEntry, changes: Partial<OperationEntry>) => [
  ...entries,
  { ...op, kind: 'read', key: null, subject: op.orderId ?? op.subject, wanted: null, ...changes } as const,
]
export const later = (op: OperationEntry, byMs: number) => ({
  ...{ intendedMs: op.answeredMs + byMs, sentMs: op.answeredMs + byMs, answeredMs: op.answeredMs + byMs + 5 },
})

/** A client that never heard how it went. */
export const unheard = (op: OperationEntry): OperationEntry =>
  operation({
    ...op,
    outcome: 'unknown',
    saw: null,
    version: null,
    orderId: null,
    riderId: null,
    code: 'EZ_OUTCOME_UNKNOWN',
  })

import type { EntryOf, History } from '../ledger/history.ts'
import type { Report, Series } from './schema.ts'

/** The load beside the clients, on the axis of their series: what was done by zone and slice, and what was not. */
export function stressOf(history: History, { stepMs, bins }: Pick<Series, 'stepMs' | 'bins'>): Report['stress'] {
  const { load } = history
  if (load.length === 0) return null
  const loaded = history.loaded.at(-1)
  const { type: _, ...figures } = loaded ?? { type: null }
  const binOf = ({ atMs }: EntryOf<'load'>) => Math.min(bins - 1, Math.max(0, Math.floor(atMs / stepMs)))
  const sums = (entries: readonly EntryOf<'load'>[], of: (entry: EntryOf<'load'>) => number) => {
    const perBin = Array.from({ length: bins }, () => 0)
    for (const entry of entries) perBin[binOf(entry)] = (perBin[binOf(entry)] ?? 0) + of(entry)
    return perBin
  }
  // The worst second of a slice, as in the series of the clients.
  const worst = (entries: readonly EntryOf<'load'>[]) => {
    const perBin: (number | null)[] = Array.from({ length: bins }, () => null)
    for (const entry of entries)
      if (entry.p99Ms !== null) perBin[binOf(entry)] = Math.max(perBin[binOf(entry)] ?? 0, entry.p99Ms)
    return perBin
  }
  const named = Map.groupBy(load, ({ zone }) => zone)
  const zones = history.begin[0]?.zones ?? []
  return {
    figures: 'engine' in figures ? figures : null,
    zones: zones.map((zone) => {
      const own = named.get(zone) ?? []
      return { zone, ok: sums(own, ({ ok }) => ok), p99Ms: worst(own) }
    }),
    failed: sums(load, ({ failed }) => failed),
    unknown: sums(load, ({ unknown }) => unknown),
  }
}

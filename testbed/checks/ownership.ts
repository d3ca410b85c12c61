import type { EntryOf, History } from '../ledger/history.ts'
import { perHistory } from './memo.ts'
import { pushTo } from './operations.ts'

export type OwnerEntry = EntryOf<'owner'>
export type Ownership = OwnershipOf
export const ownership = perHistory((history) => new OwnershipOf(history))

/** What the table said of every shard, in the order of time. */
class OwnershipOf {
  readonly #byShard = new Map<number, OwnerEntry[]>()
  readonly #takenAtMs = new Map<number, number>()

  constructor({ owner }: History) {
    for (const entry of owner) pushTo(this.#byShard, entry.shard, entry)
    for (const [shard, entries] of this.#byShard) {
      entries.sort((a, b) => a.atMs - b.atMs || a.epoch - b.epoch)
      const taken = entries.find(({ state }) => state === 'TAKEOVER')
      if (taken !== undefined) this.#takenAtMs.set(shard, taken.atMs)
    }
  }

  get shards(): readonly number[] {
    return [...this.#byShard.keys()]
  }

  of(shard: number): readonly OwnerEntry[] {
    return this.#byShard.get(shard) ?? []
  }

  /** When the shard was first taken over without its owner's word; null where that never happened. */
  takenAtMs(shard: number | null): number | null {
    return shard === null ? null : (this.#takenAtMs.get(shard) ?? null)
  }

  /** The zone that had the shard at that time; before the first word of the table, the first owner. */
  zoneAt(shard: number, atMs: number): string | null {
    const entries = this.of(shard)
    return (entries.findLast((entry) => entry.atMs <= atMs) ?? entries[0])?.zone ?? null
  }

  /** Shards of which the table said something new after its first word. */
  changed(): readonly number[] {
    return this.shards.filter((shard) => this.of(shard).length > 1)
  }
}

import type { HistoryEntry, RoutingTable, Subscriber } from '@ezone/sdk/model'
import type { GzsClient } from '../gzs/gzs-client.ts'
import { every } from './every.ts'
import type { Entry, EntryOf } from './history.ts'
import type { RunClock } from './run-clock.ts'

const lookEveryMs = 250

export interface TableWatchOptions {
  readonly gzs: Pick<GzsClient, 'history' | 'subscribers'>
  /** As it was when the run began. */
  readonly table: RoutingTable
  readonly clock: RunClock
  readonly note: (entry: Entry) => void
  /** Shards that the table now gives to another zone than before. */
  readonly onMoved: (zone: string, shards: readonly number[]) => void
}

/**
 * Follows the table by its history, and those who act under it by what they say. What GZS has stamped is believed as far
 * as it fits between two looks. Nothing is missed while GZS is away: the history tells it later.
 */
export class TableWatch {
  readonly #options: TableWatchOptions
  readonly #owners: Map<number, string>
  readonly #acked = new Map<string, number>()
  #version: number
  #lookedAtMs = 0
  #heardAtMs = 0

  constructor(options: TableWatchOptions) {
    this.#options = options
    this.#version = options.table.version
    this.#owners = new Map(options.table.shards.map(({ shard, zone }) => [shard, zone]))
    const { clock, note } = options
    for (const { shard, zone, state, epoch } of options.table.shards)
      note({ type: 'owner', atMs: clock.atMs(), shard, zone, state, epoch })
  }

  async follow(signal: AbortSignal): Promise<void> {
    await Promise.all([
      every(lookEveryMs, () => this.#lookAtTable(signal), signal),
      every(lookEveryMs, () => this.#lookAtSubscribers(signal), signal),
    ])
  }

  /** Once more, when the run is over: what came last shall be in the history too. */
  async last(signal: AbortSignal): Promise<void> {
    await this.#lookAtTable(signal).catch(() => undefined)
    await this.#lookAtSubscribers(signal).catch(() => undefined)
  }

  async #lookAtTable(signal: AbortSignal): Promise<void> {
    const askedAtMs = this.#options.clock.atMs()
    const entries = await this.#options.gzs.history(signal)
    for (const entry of entries.filter(({ version }) => version > this.#version).toReversed()) this.#changed(entry)
    this.#lookedAtMs = askedAtMs
  }

  #changed({ version, atMs, changes }: HistoryEntry): void {
    const { clock, note, onMoved } = this.#options
    this.#version = version
    const moved = new Map<string, number[]>()
    for (const { shard, after } of changes) {
      note({ type: 'owner', atMs: clock.seen(atMs, this.#lookedAtMs), shard, ...after })
      if (after.zone === this.#owners.get(shard)) continue
      this.#owners.set(shard, after.zone)
      moved.set(after.zone, [...(moved.get(after.zone) ?? []), shard])
    }
    for (const [zone, shards] of moved) onMoved(zone, shards)
  }

  async #lookAtSubscribers(signal: AbortSignal): Promise<void> {
    const askedAtMs = this.#options.clock.atMs()
    const { subscribers } = await this.#options.gzs.subscribers(signal)
    for (const one of subscribers) {
      const entry = this.#ack(one)
      if (entry !== null) this.#options.note(entry)
    }
    this.#heardAtMs = askedAtMs
  }

  #ack({ name, place, version, ackedAtMs }: Subscriber): EntryOf<'acked'> | null {
    if (version === null || ackedAtMs === null || this.#acked.get(name) === version) return null
    this.#acked.set(name, version)
    return {
      type: 'acked',
      atMs: this.#options.clock.seen(ackedAtMs, this.#heardAtMs),
      subscriber: name,
      place,
      version,
    }
  }
}

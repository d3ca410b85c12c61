import { type RoutingTable, type ShardState, TableIndex } from '../model/index.ts'

/** Tells routing tables as a subscription does, for tests of what hears of zone changes. */
export class ToldTable {
  readonly #listeners = new Set<(index: TableIndex) => void>()
  #table: RoutingTable

  /** @param shards shard number -> the zone that has it at first, under epoch 1 */
  constructor(shards: Readonly<Record<number, string>>) {
    this.#table = {
      version: 1,
      shards: Object.entries(shards).map(([shard, zone]) => {
        const state: ShardState = 'ACTIVE'
        return { shard: Number(shard), name: `shard ${shard}`, zone, state, epoch: 1 }
      }),
      cells: [],
    }
  }

  onChange(listener: (index: TableIndex) => void): Disposable {
    this.#listeners.add(listener)
    listener(new TableIndex(this.#table))
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** Gives a shard to a zone, or has it leave that zone for `sh` in a state that is not ACTIVE. Returns its epoch. */
  set(shard: number, zone: string, state: ShardState = 'ACTIVE'): number {
    const version = this.#table.version + 1
    const move = { id: 'm1', to: 'sh', mode: 'planned', expiresAtMs: 0 } as const
    const shards = this.#table.shards.map((one) =>
      one.shard === shard ? { ...one, zone, state, epoch: version, ...(state !== 'ACTIVE' && { move }) } : one,
    )
    this.#table = { ...this.#table, version, shards }
    for (const listener of this.#listeners) listener(new TableIndex(this.#table))
    return version
  }
}

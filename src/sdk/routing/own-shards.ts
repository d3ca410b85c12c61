import type { Claim } from '../model/index.ts'
import type { ZoneChange } from './zone-changes.ts'

/**
 * The shards this zone has, as a zone-change hook was told: what loops go through and consumers filter by, and what their
 * writes claim. It guards nothing, for it hears of a change a moment late: the fence row of the shard decides.
 *
 *     const own = new OwnShards()
 *     changes.onZoneChange('own shards', own.hear)
 */
export class OwnShards {
  readonly #epochs = new Map<number, number>()

  readonly hear = ({ shard, epoch, owned }: ZoneChange): void => {
    if (owned) this.#epochs.set(shard, epoch)
    else this.#epochs.delete(shard)
  }

  /** What a write in this shard claims; undefined where the zone does not have it. */
  claim(shard: number): Claim | undefined {
    const epoch = this.#epochs.get(shard)
    return epoch === undefined ? undefined : { shard, epoch }
  }

  /** A claim for each shard, by number. */
  all(): readonly Claim[] {
    return [...this.#epochs].map(([shard, epoch]) => ({ shard, epoch })).toSorted((a, b) => a.shard - b.shard)
  }
}

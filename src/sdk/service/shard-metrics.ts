import type { Metrics } from './metrics.ts'

interface OwnedShard {
  readonly shard: number
  readonly zone: string
  readonly state: string
  readonly epoch: number
}

/**
 * Has GET /metrics tell the epoch of every shard, by the zone that owns it and its state, as this service knows them.
 * Side by side of all services it shows who still acts under an older one.
 *
 * @param shards looked up at each reading; a shard that is not in it any more is told no more
 */
export function countShards(
  metrics: Pick<Metrics, 'gauge' | 'beforeRead'>,
  { name, help }: { readonly name: string; readonly help: string },
  shards: () => Iterable<OwnedShard>,
): void {
  const epochs = metrics.gauge(name, help)
  let told = new Map<number, { readonly shard: number; readonly owner: string; readonly state: string }>()
  metrics.beforeRead(() => {
    for (const labels of told.values()) epochs.remove(labels)
    const now: typeof told = new Map()
    for (const { shard, zone, state, epoch } of shards()) {
      const labels = { shard, owner: zone, state }
      epochs.set(epoch, labels)
      now.set(shard, labels)
    }
    told = now
  })
}

/** What a follower of the routing table acts under. */
export const shardEpochs = {
  name: 'ezone_shard_epoch',
  help: 'Epoch of a shard in the routing table this service has, by the zone that owns it and its state.',
} as const

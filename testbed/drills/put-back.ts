import type { RoutingTable } from '@ezone/sdk/model'

/** Shards that shall go from one zone to another. */
export interface Return {
  readonly from: string
  readonly to: string
  readonly shards: readonly number[]
}

/** What has to move so that every shard is where it was. Pure. */
export function returnsOf(before: RoutingTable, now: RoutingTable): readonly Return[] {
  const homes = new Map(before.shards.map(({ shard, zone }) => [shard, zone]))
  const away = now.shards.flatMap(({ shard, zone }) => {
    const home = homes.get(shard)
    return home === undefined || home === zone ? [] : [{ shard, from: zone, to: home }]
  })
  return [...Map.groupBy(away, ({ from, to }) => `${from} ${to}`).values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [{ from: first.from, to: first.to, shards: group.map(({ shard }) => shard) }]
  })
}

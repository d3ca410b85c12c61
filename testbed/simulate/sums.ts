import type { Division } from '@ezone/sdk/model'
import { quantile } from '../links/quantile.ts'
import type { RoutedOrder } from '../orders/router-client.ts'

interface Sum {
  readonly orders: number
  readonly delivered: number
  readonly cancelled: number
  /** In no final state. */
  readonly open: number
  /** From placed to delivered, in simulated minutes; null where nothing was delivered. */
  readonly p50Min: number | null
  readonly p95Min: number | null
  /** From accepted to assigned, in seconds by the wall clock; null where nobody was assigned. */
  readonly riderP50S: number | null
}

export interface ZoneSum extends Sum {
  readonly zone: string
}

export interface ShardSum extends ZoneSum {
  readonly shard: number
  readonly name: string
}

/** How orders ended, per zone and per shard; by the zone that answers for them now. */
export function sumsOf(
  found: readonly RoutedOrder[],
  divisions: readonly Division[],
  speed: number,
): { readonly perZone: readonly ZoneSum[]; readonly perShard: readonly ShardSum[] } {
  const names = new Map(divisions.map((division) => [division.shard, division.name]))
  const zones = [...Map.groupBy(found, ({ route }) => route.zone)]
  const shards = [...Map.groupBy(found, ({ route }) => `${route.zone} ${route.shard}`).values()]
  return {
    perZone: zones
      .map(([zone, orders]) => ({ zone, ...sumOf(orders, speed) }))
      .sort((a, b) => a.zone.localeCompare(b.zone)),
    perShard: shards
      .flatMap((orders) => {
        const route = orders[0]?.route
        if (route === undefined) return []
        const { zone, shard } = route
        return [{ zone, shard, name: names.get(shard) ?? '', ...sumOf(orders, speed) }]
      })
      .sort((a, b) => a.zone.localeCompare(b.zone) || b.orders - a.orders || a.shard - b.shard),
  }
}

function sumOf(found: readonly RoutedOrder[], speed: number): Sum {
  const count = (state: string) => found.filter(({ order }) => order.state === state).length
  const [delivered, cancelled] = [count('delivered'), count('cancelled')]
  const minutes = found
    .flatMap(({ order }) => msBetween(order.createdAt, order.deliveredAt))
    .map((ms) => (ms * speed) / 60_000)
  const waits = found.flatMap(({ order }) => msBetween(order.acceptedAt, order.assignedAt)).map((ms) => ms / 1000)
  return {
    orders: found.length,
    delivered,
    cancelled,
    open: found.length - delivered - cancelled,
    p50Min: rounded(minutes, 0.5),
    p95Min: rounded(minutes, 0.95),
    riderP50S: rounded(waits, 0.5),
  }
}

const msBetween = (from: string | null, to: string | null): readonly number[] =>
  from === null || to === null ? [] : [Date.parse(to) - Date.parse(from)]

const rounded = (values: readonly number[], share: number): number | null =>
  values.length === 0 ? null : Math.round(quantile(values, share) * 10) / 10

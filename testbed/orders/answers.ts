import type { Explanation } from '@ezone/sdk/model'
import type { RoutedOrder } from './router-client.ts'

/** `data` of `order place` and `order show`: a contract, fields are only ever added. */
export interface OrderAnswer {
  readonly orderId: string
  readonly zone: string
  readonly shard: number
  readonly epoch: number
  readonly rule: string
  readonly state: string
}

export const orderAnswer = ({ order, route }: RoutedOrder): OrderAnswer => ({
  orderId: order.orderId,
  zone: order.zone,
  shard: order.shard,
  epoch: order.epoch,
  rule: route.rule,
  state: order.state,
})

export const orderText = ({ orderId, zone, shard, epoch, rule, state }: OrderAnswer): string =>
  `order ${orderId} ${state} in ${zone} (shard ${shard}, epoch ${epoch}, by ${rule})`

/** Why a request goes where it goes, as a person reads it. */
export function explanationText({ tag, shard, zone, epoch, rule, cell, candidates }: Explanation): string {
  const [chosen, ...others] = candidates
  const far = (km: number | null) => (km === null || km === 0 ? '' : `, ${km.toFixed(1)} km away`)
  return [
    `${tag ?? 'no tag'} -> shard ${shard} (${chosen?.name ?? '?'}${far(chosen?.distanceKm ?? null)}) -> ${zone}, epoch ${epoch}`,
    `  rule  ${reasons[rule] ?? rule}`,
    `  cell  ${cell}`,
    ...others.map((o) => `  also  shard ${o.shard} (${o.name}${far(o.distanceKm)}) -> ${o.zone}`),
  ].join('\n')
}

const reasons: Readonly<Record<string, string>> = {
  geo: 'geo: the position lies inside the fence',
  'geo-nearest-fence': 'geo-nearest-fence: the position lies outside every fence, this one is nearest',
  order: 'order: the id carries its cell',
  shop: 'shop: the id carries its cell',
  courier: 'courier: the id carries its cell',
  user: 'user: the id carries its cell',
  fallback: 'fallback: nothing to decide by, so the first cell of the lowest shard',
}

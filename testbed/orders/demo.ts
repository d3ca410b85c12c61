import { type Cell, type Division, EzoneError, pointText } from '@ezone/sdk/model'
import { type DrawnOrder, demand } from '../demand/demand.ts'
import { seeded } from '../demand/random.ts'
import { table } from '../face/table.ts'
import type { RoutedOrder, RouterClient } from './router-client.ts'

/** Orders under way at once: enough to hide the round trips, few enough not to be a load test. */
const atOnceMax = 16

export interface DemoOptions {
  readonly router: Pick<RouterClient, 'place'>
  readonly cells: readonly Cell[]
  readonly divisions: readonly Division[]
  readonly orders: number
  readonly seed: number
  readonly signal: AbortSignal
  readonly onProgress?: (done: number) => void
}

/** `data` of `demo`: a contract, fields are only ever added. */
export interface DemoResult {
  readonly seed: number
  readonly orders: number
  readonly perZone: Readonly<Record<string, number>>
  readonly perShard: readonly {
    readonly shard: number
    readonly name: string
    readonly zone: string
    readonly orders: number
  }[]
}

/**
 * Places orders as the country would, and tells where they landed. Each landing is held against two witnesses: the zone
 * that answered must be the one the router's header names, and the shard must be the one of the city.
 * @throws what went wrong first; nothing is told as landed unless every order did
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { cells, divisions, orders, seed, signal } = options
  const random = seeded(seed)
  const draw = demand(divisions, cells)
  const drawn = Array.from({ length: orders }, () => draw(random)).entries()
  const landed: RoutedOrder[] = []
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])

  const worker = async () => {
    for (const [, order] of drawn) {
      landed.push(await placeDrawn(options.router, order, stop))
      options.onProgress?.(landed.length)
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnceMax }, worker))
  } catch (error) {
    failed.abort(error)
    throw error
  }
  return { seed, orders: landed.length, ...sums(landed, divisions) }
}

async function placeDrawn(router: DemoOptions['router'], drawn: DrawnOrder, signal: AbortSignal): Promise<RoutedOrder> {
  const { cell, amountFen } = drawn
  signal.throwIfAborted()
  const routed = await router.place({ tag: `geo=${pointText(cell.point)}`, order: { amountFen }, signal })
  const { order, route } = routed
  if (order.zone !== route.zone || order.shard !== route.shard || order.cell !== cell.cell)
    throw new EzoneError(
      'EZ_WRONG_ZONE',
      `an order of ${cell.city} (cell ${cell.cell}) was sent to ${route.zone} (shard ${route.shard}) and landed in ` +
        `${order.zone} (shard ${order.shard}, cell ${order.cell})`,
    )
  return routed
}

function sums(
  landed: readonly RoutedOrder[],
  divisions: readonly Division[],
): Pick<DemoResult, 'perZone' | 'perShard'> {
  const names = new Map(divisions.map((division) => [division.shard, division.name]))
  const zones = [...Map.groupBy(landed, ({ order }) => order.zone)].sort(([a], [b]) => a.localeCompare(b))
  const shards = [...Map.groupBy(landed, ({ order }) => `${order.shard} ${order.zone}`).values()]
  return {
    perZone: Object.fromEntries(zones.map(([zone, orders]) => [zone, orders.length])),
    perShard: shards
      .map((orders) => {
        const [{ order } = { order: { shard: 0, zone: '' } }] = orders
        return { shard: order.shard, name: names.get(order.shard) ?? '', zone: order.zone, orders: orders.length }
      })
      .sort((a, b) => b.orders - a.orders || a.shard - b.shard),
  }
}

export function demoText({ seed, orders, perZone, perShard }: DemoResult): string {
  const percent = (count: number) => `${((count / orders) * 100).toFixed(1)} %`
  return [
    table(
      ['zone', 'orders', 'share'],
      Object.entries(perZone).map(([zone, count]) => [zone, count, percent(count)]),
    ),
    '',
    table(
      ['shard', 'name', 'zone', 'orders'],
      perShard.map((s) => [s.shard, s.name, s.zone, s.orders]),
    ),
    '',
    `${orders} orders placed, each in the zone of its shard; --seed ${seed} draws the same again`,
  ].join('\n')
}

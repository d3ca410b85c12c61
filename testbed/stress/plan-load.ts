import { type Cell, type Division, pointText } from '@ezone/sdk/model'
import { demand } from '../demand/demand.ts'
import { type Random, seeded, weighted } from '../demand/random.ts'
import { type Mix, mixKinds } from './mix.ts'
import type { MixKind, PlannedOperation, PlannedRequest } from './planned.ts'
import type { World } from './world.ts'

/** A longer run begins the plan again, under new keys: so much is held in memory, and handed to k6. */
export const plannedMax = 50_000

export interface PlanOptions {
  readonly cells: readonly Cell[]
  readonly divisions: readonly Division[]
  readonly world: World
  readonly mix: Mix
  readonly seed: number
  readonly count: number
}

/**
 * The operations of a run, drawn as the country asks: orders by the size of divisions and cities, riders, shops and users
 * out of those taken on before. The same seed draws the same for every engine. Pure.
 */
export function planLoad({ cells, divisions, world, mix, seed, count }: PlanOptions): readonly PlannedOperation[] {
  const random = seeded(seed)
  const draw = demand(divisions, cells)
  const kindOf = weighted(mixKinds, (kind) => mix[kind])
  const place = (): PlannedRequest => {
    const { cell, amountFen } = draw(random)
    return { method: 'POST', path: '/orders', tag: `geo=${pointText(cell.point)}`, body: { amountFen } }
  }
  const others: Partial<Record<MixKind, () => PlannedRequest | undefined>> = {
    position: () => {
      const rider = among(world.riders, random)
      return rider && { method: 'POST', path: `/riders/${rider.id}/position`, body: { ...rider.at } }
    },
    show: () => asked('orders', among(world.orders, random)),
    menu: () => asked('merchants', among(world.shops, random), '/menu'),
    user: () => asked('users', among(world.users, random)),
  }
  return Array.from({ length: Math.min(count, plannedMax) }, () => {
    const kind = kindOf(random)
    const chosen = random()
    return { kind, chosen, request: others[kind]?.() ?? place() }
  })
}

const asked = (what: string, id: string | undefined, rest = ''): PlannedRequest | undefined =>
  id === undefined ? undefined : { method: 'GET', path: `/${what}/${id}${rest}` }

const among = <T>(all: readonly T[], random: Random): T | undefined => all[Math.floor(random() * all.length)]

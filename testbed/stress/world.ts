import { type Cell, type Division, EzoneError, type Point, pointText } from '@ezone/sdk/model'
import { demand } from '../demand/demand.ts'
import { seeded } from '../demand/random.ts'
import type { EdgeClient, EdgeRequest } from './edge-client.ts'
import type { Mix } from './mix.ts'

/** Who is there before a run begins: riders who report, shops and users that are asked for, orders to be shown at first. */
export interface World {
  readonly riders: readonly { readonly id: string; readonly at: Point }[]
  readonly shops: readonly string[]
  readonly users: readonly string[]
  readonly orders: readonly string[]
}

export interface WorldOptions {
  readonly client: Pick<EdgeClient, 'exchange'>
  readonly cells: readonly Cell[]
  readonly divisions: readonly Division[]
  readonly mix: Mix
  readonly seed: number
  /** Begins every key and phone of this run: digits. */
  readonly run: string
  readonly signal: AbortSignal
}

/** Enough that a rider has moved on when it reports again, few enough to be there in a moment. */
const ridersMax = 120
const shopsMax = 60
const usersMax = 60
const ordersMax = 60
const atOnceMax = 8
const triesMax = 5

/**
 * Takes on the riders, opens the shops, registers the users and places the first orders a run will ask for, in cities as people live in them and
 * through the edge; only what its mix needs. None of it is part of the load.
 * @throws EZ_NOT_READY where the platform would not take one, asked again and again
 */
export async function prepareWorld(options: WorldOptions): Promise<World> {
  const { cells, divisions, mix, seed, run } = options
  const draw = demand(divisions, cells)
  const random = seeded(seed ^ 0x5eed)
  const places = (count: number) => Array.from({ length: count }, () => draw(random).cell)
  const riderCells = places(mix.position > 0 ? ridersMax : 0)
  const riders = await each(riderCells, options, (cell, number) => ({
    ...{ method: 'POST', path: '/riders', tag: tagOf(cell), requestKey: `${run}-rider-${number}` },
    body: { name: `${cell.city} rider`, ...cell.point },
  }))
  const shops = await each(places(mix.menu > 0 ? shopsMax : 0), options, (cell, number) => ({
    ...{ method: 'POST', path: '/merchants', tag: tagOf(cell), requestKey: `${run}-shop-${number}` },
    body: { name: `${cell.city} kitchen`, ...cell.point, menu: [{ name: 'noodles', priceFen: 1_800 }] },
  }))
  const users = await each(places(mix.user > 0 ? usersMax : 0), options, (cell, number) => ({
    ...{ method: 'POST', path: '/users', tag: tagOf(cell), requestKey: `${run}-user-${number}` },
    body: { phone: `${run}${String(number).padStart(3, '0')}` },
  }))
  const orders = await each(places(mix.show > 0 ? ordersMax : 0), options, (cell, number) => ({
    ...{ method: 'POST', path: '/orders', tag: tagOf(cell), requestKey: `${run}-order-${number}` },
    body: { amountFen: 1_800 },
  }))
  return {
    riders: riders.flatMap((body, i) => {
      const at = riderCells[i]?.point
      return at === undefined ? [] : [{ id: String(body.riderId), at }]
    }),
    shops: shops.map(({ merchantId }) => String(merchantId)),
    users: users.map(({ userId }) => String(userId)),
    orders: orders.map(({ orderId }) => String(orderId)),
  }
}

type Body = Readonly<Record<string, unknown>>

async function each(
  cells: readonly Cell[],
  { client, signal }: WorldOptions,
  requestOf: (cell: Cell, number: number) => EdgeRequest,
): Promise<readonly Body[]> {
  const bodies: Body[] = []
  const left = cells.entries()
  const worker = async () => {
    for (const [number, cell] of left) bodies[number] = await made(client, requestOf(cell, number), signal)
  }
  await Promise.all(Array.from({ length: atOnceMax }, worker))
  return bodies
}

async function made(client: WorldOptions['client'], request: EdgeRequest, signal: AbortSignal): Promise<Body> {
  let code: string | null = null
  for (let tries = 0; tries < triesMax; tries++) {
    const { reply, body } = await client.exchange(request, signal)
    if (reply.outcome === 'ok') return body
    code = reply.code
  }
  throw new EzoneError('EZ_NOT_READY', `POST ${request.path} was refused before the load began: ${code}`)
}

const tagOf = ({ point }: Cell) => `geo=${pointText(point)}`

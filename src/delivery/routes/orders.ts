import {
  type Answer,
  askerOf,
  bodyOf,
  type Call,
  idOf,
  newOrderSchema,
  type Order,
  orderMoveSchema,
  type Route,
  readingTag,
  versionHeader,
  writingTag,
} from '@ezone/sdk'
import type { Outcome } from '@ezone/sdk/dal'
import { unknownOrder } from '../orders/advance.ts'
import type { Served } from './served.ts'

/**
 *   POST /orders               creates an order: 201, or 200 for a request key seen before
 *   GET  /orders/:id
 *   POST /orders/:id/advance   {to, riderId?}: moves it on
 *   POST /orders/:id/unlock    lets it go on again, as it stands
 *
 * Each answer says in `x-ezone-version` which version of the order it tells of.
 */
export function orderRoutes({ context, zone, ids, orders }: Served): readonly Route[] {
  const answer = (status: number, { body, version }: Outcome<Order>): Answer => ({
    status,
    headers: { [versionHeader]: `${body.orderId}:${version}` },
    body,
  })
  const unknown = (id: string) => unknownOrder(id, zone)

  const create = async (call: Call) => {
    const tag = writingTag(call, context)
    const order = bodyOf(call, newOrderSchema, 'EZ_BAD_ORDER')
    const asker = askerOf(call, tag)
    const orderId = String(await ids.next(tag.cell))
    const done = await orders.create({ orderId, tag, order, asker })
    return answer(done.repeated ? 200 : 201, done)
  }

  const show = async (call: Call) => {
    readingTag(call, context)
    const orderId = idOf(call, unknown)
    const found = await orders.find(orderId, call.signal)
    if (found === undefined) throw unknown(orderId)
    return answer(200, found)
  }

  const advance = async (call: Call) => {
    const tag = writingTag(call, context)
    const orderId = idOf(call, unknown)
    const move = bodyOf(call, orderMoveSchema, 'EZ_BAD_ORDER')
    return answer(200, await orders.advance({ orderId, move, asker: askerOf(call, tag) }))
  }

  const unlock = async (call: Call) => {
    const tag = writingTag(call, context)
    return answer(200, await orders.unlock({ orderId: idOf(call, unknown), asker: askerOf(call, tag) }))
  }

  return [
    { method: 'POST', path: '/orders', handle: create },
    { method: 'GET', path: '/orders/:id', handle: show },
    { method: 'POST', path: '/orders/:id/advance', handle: advance },
    { method: 'POST', path: '/orders/:id/unlock', handle: unlock },
  ]
}

import {
  askerOf,
  bodyOf,
  type Call,
  EzoneError,
  idOf,
  newMerchantSchema,
  type Route,
  readingTag,
  writingTag,
} from '@ezone/sdk'
import { createMerchant } from '../merchants/merchants.ts'
import { created, type Served } from './served.ts'

/**
 *   POST /merchants            {name, lat, lng, menu}: opens a shop
 *   GET  /merchants/:id/menu   from Redis, which has it from the database
 */
export function merchantRoutes({ context, zone, ids, db, clock, menus }: Served): readonly Route[] {
  const unknown = (id: string) => new EzoneError('EZ_UNKNOWN_MERCHANT', `zone ${zone} has no merchant ${id}`)

  const create = async (call: Call) => {
    const tag = writingTag(call, context)
    const merchant = bodyOf(call, newMerchantSchema)
    const asker = askerOf(call, tag)
    const merchantId = String(await ids.next(tag.cell))
    return created(await createMerchant({ db, clock }, { merchantId, tag, merchant, asker }))
  }

  const menu = async (call: Call) => {
    readingTag(call, context)
    const merchantId = idOf(call, unknown)
    const found = await menus.of(merchantId, call.signal)
    if (found === undefined) throw unknown(merchantId)
    return { status: 200, body: found }
  }

  return [
    { method: 'POST', path: '/merchants', handle: create },
    { method: 'GET', path: '/merchants/:id/menu', handle: menu },
  ]
}

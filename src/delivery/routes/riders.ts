import {
  askerOf,
  bodyOf,
  type Call,
  EzoneError,
  idOf,
  newRiderSchema,
  positionSchema,
  type Route,
  readingTag,
  writingTag,
} from '@ezone/sdk'
import { createRider, findRider } from '../riders/riders.ts'
import { created, type Served } from './served.ts'

/** Riders known to exist, so that a position does not cost a look into the database each time. */
const knownMax = 20_000

/**
 *   POST /riders                {name, lat, lng}: takes a rider on
 *   GET  /riders/:id
 *   POST /riders/:id/position   {lat, lng, atMs}: where it is; says whether that was taken, or why not
 */
export function riderRoutes({ context, zone, ids, db, clock, positions }: Served): readonly Route[] {
  const unknown = (id: string) => new EzoneError('EZ_UNKNOWN_RIDER', `zone ${zone} has no rider ${id}`)
  const known = new Set<string>()

  const create = async (call: Call) => {
    const tag = writingTag(call, context)
    const rider = bodyOf(call, newRiderSchema)
    const asker = askerOf(call, tag)
    const riderId = String(await ids.next(tag.cell))
    return created(await createRider({ db, clock }, { riderId, tag, rider, asker }))
  }

  const show = async (call: Call) => {
    readingTag(call, context)
    const riderId = idOf(call, unknown)
    const rider = await findRider(db, riderId, call.signal)
    if (rider === undefined) throw unknown(riderId)
    return { status: 200, body: rider }
  }

  const report = async (call: Call) => {
    readingTag(call, context)
    const riderId = idOf(call, unknown)
    const position = bodyOf(call, positionSchema)
    if (!known.has(riderId)) {
      if ((await findRider(db, riderId, call.signal)) === undefined) throw unknown(riderId)
      if (known.size >= knownMax) known.clear()
      known.add(riderId)
    }
    return { status: 200, body: { fate: await positions.report(riderId, position) } }
  }

  return [
    { method: 'POST', path: '/riders', handle: create },
    { method: 'GET', path: '/riders/:id', handle: show },
    { method: 'POST', path: '/riders/:id/position', handle: report },
  ]
}

import {
  askerOf,
  bodyOf,
  type Call,
  EzoneError,
  idOf,
  newUserSchema,
  type Route,
  readingTag,
  writingTag,
} from '@ezone/sdk'
import type { Served } from './served.ts'

/**
 *   POST /users       {phone}: registers a user; of two with one phone exactly one, whatever zones they are in
 *   GET  /users/:id   from the zone's own copy
 */
export function userRoutes({ context, ids, users }: Served): readonly Route[] {
  const unknown = (id: string) => new EzoneError('EZ_UNKNOWN_USER', `there is no user ${id}`)

  const register = async (call: Call) => {
    const tag = writingTag(call, context)
    const { phone } = bodyOf(call, newUserSchema)
    const { requestKey } = askerOf(call, tag)
    const userId = String(await ids.next(tag.cell))
    const { user, isNew } = await users.register({ userId, phone, zone: tag.zone, requestKey, signal: call.signal })
    return { status: isNew ? 201 : 200, body: user }
  }

  const show = async (call: Call) => {
    readingTag(call, context)
    const userId = idOf(call, unknown)
    const user = await users.find(userId, call.signal)
    if (user === undefined) throw unknown(userId)
    return { status: 200, body: user }
  }

  return [
    { method: 'POST', path: '/users', handle: register },
    { method: 'GET', path: '/users/:id', handle: show },
  ]
}

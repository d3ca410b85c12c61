import {
  type Call,
  type DecidingTag,
  decidingTag,
  EzoneError,
  enteredHops,
  type InternalTag,
  internalHeader,
  parseTags,
  readTag,
  type ServiceContext,
  tagHeader,
} from '@ezone/sdk'
import { Deadline, deadlineOf } from '../wire/deadline.ts'

/** What a call waits for an answer of, all hops together. Less than the frame gives a handler. */
export const callMs = 7_000

/** A call to a service, as a SOA proxy understands it. */
export interface ServiceCall {
  readonly service: string
  /** At the service. */
  readonly path: string
  /** What the caller says of where it belongs; without it, the call it is part of does. */
  readonly tag: DecidingTag | undefined
  /** The call it is part of, signed; undefined where it begins here. */
  readonly parent: InternalTag | undefined
  readonly hops: number
  readonly deadline: Deadline
}

/**
 * `/<service>/<path at the service>`, with the tag of what it is about (`x-ezone-tag`), with the signed one of the call
 * it is part of, or both.
 * @throws EZ_BAD_REQUEST, EZ_BAD_TAG, EZ_UNTRUSTED_TAG, EZ_UNKNOWN_SERVICE
 */
export function serviceCall(call: Call, { config, clock }: ServiceContext): ServiceCall {
  const [, service = '', ...rest] = call.path.split('/')
  if (!/^[a-z][a-z0-9-]{0,49}$/.test(service))
    throw new EzoneError('EZ_UNKNOWN_SERVICE', `${call.path} does not begin with the name of a service`)
  const signed = call.headers[internalHeader]
  const parent = signed === undefined ? undefined : readTag(String(signed), config.secret)
  const text = call.headers[tagHeader]
  const query = call.query.size === 0 ? '' : `?${call.query}`
  return {
    service,
    path: `/${rest.join('/')}${query}`,
    tag: decidingTag(parseTags(Array.isArray(text) ? text.join('; ') : text)),
    parent,
    hops: parent?.hops ?? enteredHops,
    deadline:
      parent === undefined ? deadlineOf(call, clock, callMs) : new Deadline(clock, Math.min(parent.leftMs, callMs)),
  }
}

import {
  type Call,
  formatTrace,
  type InternalTag,
  internalHeader,
  requestKeyHeader,
  signTag,
  traceHeader,
} from '@ezone/sdk'
import { forwardedHeaders } from './headers.ts'
import type { Outgoing } from './upstream.ts'

export interface Onward {
  readonly path: string
  readonly tag: InternalTag
  /** What tags are signed with. */
  readonly secret: string
  /** Until when an answer is waited for. */
  readonly signal: AbortSignal
}

/** A request as it goes on from a router or proxy: cleaned of what is of the connection, signed, traced, with its end. */
export function onward(call: Call, { path, tag, secret, signal }: Onward): Outgoing {
  return {
    method: call.method,
    path,
    headers: {
      ...forwardedHeaders(call.headers),
      [traceHeader]: formatTrace(call.trace),
      [internalHeader]: signTag(tag, secret),
    },
    body: call.method === 'GET' || call.body.length === 0 ? null : call.body,
    repeatable: call.method === 'GET' || call.headers[requestKeyHeader] !== undefined,
    signal,
  }
}

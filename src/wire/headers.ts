import type { IncomingHttpHeaders } from 'node:http'
import { outcomeHeader, versionHeader } from '@ezone/sdk'

/** Of one connection, not of the request (RFC 9110 7.6.1); and what the client library sets by itself. */
const perConnection = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Everything under it is ours. */
const own = 'x-ezone'

/**
 * The headers of a request that go on. Everything under `x-ezone` is ours: whatever a client put there is dropped, so
 * that nobody can forge a decision of the router, also not one that a later version will know. What came behind the body
 * (trailers) never goes on at all: it is not among these.
 */
export function forwardedHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()))
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || perConnection.has(name) || named.has(name) || name.startsWith(own) ? [] : [[name, value]],
    ),
  )
}

const returned = [
  'content-type',
  'location',
  'retry-after',
  'cache-control',
  'etag',
  'traceparent',
  outcomeHeader,
  versionHeader,
] as const

/** The headers of an answer that go back to whoever asked; the hop that answers adds its own. */
export function returnedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    returned.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])),
  )
}

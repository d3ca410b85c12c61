import type { IncomingHttpHeaders } from 'node:http'

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

/**
 * The headers of a client that go on into a zone. Everything under `x-ezone` is ours: whatever a client put there is
 * dropped, so that nobody can forge a decision of the router, also not one that a later version will know.
 */
export function forwardedHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()))
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || perConnection.has(name) || named.has(name) || name.startsWith('x-ezone')
        ? []
        : [[name, value]],
    ),
  )
}

/** The headers of a zone's answer that go back to the client; the router adds its own `x-ezone`. */
export function returnedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = ['content-type', 'location', 'retry-after', 'cache-control', 'etag']
  return Object.fromEntries(kept.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])))
}

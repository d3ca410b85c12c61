import type { OpenProbe } from './probe.ts'
import { Wire } from './wire.ts'

/**
 * HTTP: GET /healthz on one connection that is kept alive. By hand, since a client library would open another connection
 * where this one fails, and the measurement would not be of one path any more. Any status is an answer.
 */
export const openHttp: OpenProbe = async (address, _, signal) => {
  const wire = await Wire.open(address, signal)
  const request = Buffer.from(`GET /healthz HTTP/1.1\r\nhost: ${address.host}:${address.port}\r\n\r\n`)
  const ping = async (until: AbortSignal) => {
    await wire.request(request, responseLength, until)
  }
  try {
    await ping(signal)
  } catch (error) {
    wire.close()
    throw error
  }
  return { ping, [Symbol.asyncDispose]: async () => wire.close() }
}

/** Length of the response at the beginning of these bytes: head, and body by content-length or in chunks. */
export function responseLength(bytes: Buffer): number | null {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return null
  const head = bytes.toString('latin1', 0, headEnd)
  if (!head.startsWith('HTTP/1.1 ')) throw new Error(`this is not HTTP/1.1: ${head.split('\r\n')[0]?.slice(0, 40)}`)
  const bodyStart = headEnd + 4
  const length = /^content-length: *(\d+) *$/im.exec(head)?.[1]
  if (length !== undefined) return bodyStart + Number(length)
  if (/^transfer-encoding: *chunked *$/im.test(head)) return chunksEnd(bytes, bodyStart)
  if (/^HTTP\/1\.1 (1..|204|304) /.test(head)) return bodyStart
  throw new Error('a response without a length ends with its connection; the probe needs one that is kept alive')
}

function chunksEnd(bytes: Buffer, start: number): number | null {
  let at = start
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return null
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (Number.isNaN(size)) throw new Error('a chunk without a size')
    at = lineEnd + 2 + size + 2
    if (at > bytes.length) return null
    if (size === 0) return at
  }
}

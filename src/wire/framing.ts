/** Fields that say where a message ends or for whom it is; and the same without what is neither letter nor digit. */
const names = new Set(['content-length', 'transfer-encoding', 'host'])
const bareNames = new Set(['contentlength', 'transferencoding', 'host'])
const headersMax = 100

/** A request as it came, for the rules that a merged set of headers can no longer be asked. */
export interface Framed {
  readonly rawHeaders: readonly string[]
  readonly httpVersion: string
}

/**
 * What is wrong with how a request says where it ends and for whom it is (RFC 9112 6, 3.2); undefined where nothing is.
 * Whatever two programs might read differently is refused: what one takes for a body, the next takes for a request. The
 * parser below us refuses most of it already; these are its gaps (facts of 158 cases in
 * https://github.com/aws/http-desync-guardian).
 */
export function framingFault({ rawHeaders, httpVersion }: Framed): string | undefined {
  if (rawHeaders.length / 2 > headersMax) return `more than ${headersMax} header fields`
  const seen = new Map<string, string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase()
    const bare = name.replaceAll(/[^a-z0-9]/g, '')
    if (!bareNames.has(bare)) continue
    if (!names.has(name)) return `a header field that only looks like one of framing: ${JSON.stringify(name)}`
    if (seen.has(name)) return `${name} is given twice`
    seen.set(name, rawHeaders[i + 1] ?? '')
  }
  const coding = seen.get('transfer-encoding')
  if (coding === undefined) return undefined
  if (httpVersion !== '1.1') return 'transfer-encoding in HTTP/1.0'
  if (coding.trim().toLowerCase() !== 'chunked') return 'a transfer-encoding other than chunked'
  return seen.has('content-length') ? 'both a length and a transfer-encoding' : undefined
}

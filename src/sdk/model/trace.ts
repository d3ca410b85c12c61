import { randomBytes } from 'node:crypto'

/** The header that carries a trace from hop to hop, and the Kafka header of the same name (W3C Trace Context). */
export const traceHeader = 'traceparent'

/** Where one hop stands in a trace: the trace is one for a whole request, the span is this hop's own. */
export interface Trace {
  /** 32 lowercase hexadecimal digits, the same at every hop: what is written into rows, records and log lines. */
  readonly traceId: string
  /** 16 lowercase hexadecimal digits. */
  readonly spanId: string
  /** The span of the hop that called; null at the first. */
  readonly parentId: string | null
  /** Whoever began it wants every hop to be recorded. */
  readonly sampled: boolean
}

// Version 00; a later version may say more behind a further dash, and is read as far as we know it.
// https://www.w3.org/TR/trace-context/#traceparent-header
const form = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/
const textMax = 512

/** The span that a header names, or undefined where it is missing or malformed: then a trace begins anew. */
export function parseTrace(text: string | undefined): Trace | undefined {
  if (text === undefined || text.length > textMax) return undefined
  const [, version, traceId, spanId, flags] = form.exec(text) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  if (version === '00' && text.length !== 55) return undefined
  return { traceId, spanId, parentId: null, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** `00-<trace>-<span>-<flags>`: what the next hop is told. */
export const formatTrace = ({ traceId, spanId, sampled }: Trace): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`

/** A trace that begins here; recorded at every hop only where that is asked for. */
export const newTrace = ({ sampled = false } = {}): Trace => ({
  traceId: hex(16),
  spanId: hex(8),
  parentId: null,
  sampled,
})

/** The next span of a trace; without one it begins here. */
export const childTrace = (parent: Trace | undefined): Trace =>
  parent === undefined ? newTrace() : { ...parent, spanId: hex(8), parentId: parent.spanId }

/** All zeros mean "no trace" and are never given. */
function hex(bytes: number): string {
  for (;;) {
    const text = randomBytes(bytes).toString('hex')
    if (!/^0+$/.test(text)) return text
  }
}

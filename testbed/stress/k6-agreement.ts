import type { OperationLine, SummaryLine } from './k6-lines.ts'

/** `k6` of a result: what k6 says of itself, and whether that is what was counted here from its output. */
export interface K6Agreement {
  readonly version: string
  /** Every time that something was sent, a repetition included; `requests` of the result counts operations. */
  readonly requests: number
  /** k6's http_req_duration: from the send to the end of the answer, of good and bad answers alike. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** The same, counted here line by line. */
  readonly counted: { readonly requests: number; readonly p50Ms: number; readonly p99Ms: number }
  /** Null where the load was ended early: k6 counts what it cut off, and nothing else does. */
  readonly agrees: boolean | null
}

const offMax = 0.01

/** Counts what k6 sent, from its raw output. One number per request is kept. */
export class AttemptCount {
  readonly #durationsMs: number[] = []

  add([, , , , , , attempts]: OperationLine): void {
    for (const [, durationMs] of attempts) this.#durationsMs.push(durationMs)
  }

  agreement({ requests, p50Ms, p99Ms }: SummaryLine, version: string, endedEarly = false): K6Agreement {
    const sorted = Float64Array.from(this.#durationsMs).sort()
    const counted = { requests: sorted.length, p50Ms: between(sorted, 0.5), p99Ms: between(sorted, 0.99) }
    const alike = near(counted.requests, requests) && near(counted.p50Ms, p50Ms) && near(counted.p99Ms, p99Ms)
    const agrees = endedEarly ? null : alike
    return { version, requests, p50Ms: round(p50Ms), p99Ms: round(p99Ms), counted: roundedOf(counted), agrees }
  }
}

/** As k6 has percentiles: in a straight line between the two values next to it. */
function between(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1)
  const [below, above] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0]
  return below + (above - below) * (at - Math.floor(at))
}

const near = (a: number, b: number) => Math.abs(a - b) <= offMax * Math.max(Math.abs(a), Math.abs(b))
const round = (value: number) => Math.round(value * 1_000) / 1_000
const roundedOf = ({ requests, p50Ms, p99Ms }: K6Agreement['counted']) => ({
  requests,
  p50Ms: round(p50Ms),
  p99Ms: round(p99Ms),
})

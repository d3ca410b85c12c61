/*
 * What the script is handed and what it hands back: k6 and ezone both read this file, so it imports nothing.
 */

/** The file that the script opens first. */
export interface HandedOver {
  /** Path of the file with the operations. */
  readonly plan: string
  /** Makes the request keys of two runs with the same seed different: digits. */
  readonly run: string
  /** `http://host:port` of every API Router. */
  readonly routers: readonly string[]
  readonly timeoutMs: number
  readonly headers: { readonly tag: string; readonly key: string; readonly trace: string }
  /** Canonical names, as k6 tells them of an answer. */
  readonly answers: { readonly route: string; readonly version: string; readonly outcome: string }
  readonly options: object
}

/** A line of the script's output that begins so is about one operation; the one with the summary begins otherwise. */
export const operationMark = '@'
export const summaryMark = '='

/** One time that an operation was sent: milliseconds it waited before, took, its status (0: none) and k6's error code. */
export type Attempt = readonly [blockedMs: number, durationMs: number, status: number, errorCode: number]

/** By k6's error code: a name that was not found, or a connection that was not made. Nothing was sent then. */
export const neverLeft = (code: number): boolean => (code >= 1100 && code < 1200) || (code >= 1210 && code < 1220)

/** One operation, as short as can be: there are thousands a second. */
export type OperationLine = readonly [
  index: number,
  /** Epoch milliseconds: when the scenario began, and when k6 began this operation. */
  startedAtMs: number,
  begunAtMs: number,
  kind: string,
  key: string | null,
  traceId: string,
  attempts: readonly Attempt[],
  /** Of the last answer: its headers, and what its body says. */
  route: string | null,
  version: string | null,
  outcome: string | null,
  orderId: string | null,
  code: string | null,
]

/** k6's own figures. */
export interface SummaryLine {
  readonly requests: number
  readonly iterations: number
  readonly dropped: number
  readonly p50Ms: number
  readonly p99Ms: number
}

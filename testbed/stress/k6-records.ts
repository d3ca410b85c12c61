import type { ErrorCode } from '@ezone/sdk/model'
import { replyOf, unanswered } from './edge-client.ts'
import { neverLeft, type OperationLine, operationMark, type SummaryLine, summaryMark } from './k6-lines.ts'
import { type MixKind, readKinds } from './planned.ts'
import type { Arrivals } from './profile.ts'
import type { LoadRecord, Reply } from './records.ts'

export type K6Line =
  | { readonly type: 'operation'; readonly operation: OperationLine }
  | { readonly type: 'summary'; readonly summary: SummaryLine }
  /** What k6 says by itself. */
  | { readonly type: 'words'; readonly text: string }

export function parseLine(text: string): K6Line {
  try {
    if (text.startsWith(operationMark)) return { type: 'operation', operation: JSON.parse(text.slice(1)) }
    if (text.startsWith(summaryMark)) return { type: 'summary', summary: JSON.parse(text.slice(1)) }
  } catch {
    // Cut off: whoever counts misses it.
  }
  return { type: 'words', text }
}

/**
 * The record of an operation that k6 sent. Its own http_req_duration begins at the send; here latency begins where the
 * profile meant the operation to: iteration n is meant for when the rate so far adds up to n + 1. An iteration that k6
 * drops has no number, so after the first one all times are too long by what was dropped, and never too short.
 */
export function recordOf(line: OperationLine, arrivals: Arrivals): LoadRecord {
  const [index, startedAtMs, begunAtMs, kind, requestKey, traceId, attempts] = line
  const tookMs = attempts.reduce((sum, [blockedMs, durationMs]) => sum + blockedMs + durationMs, 0)
  const intendedMs = arrivals.atMs(index + 1)
  // k6 tells whole milliseconds here; what seems to be early is in time.
  const sentMs = Math.max(intendedMs, begunAtMs - startedAtMs)
  const reply = replyTo(line)
  return { ...reply, traceId, index, kind, requestKey, intendedMs, sentMs, answeredMs: sentMs + tookMs }
}

function replyTo([, , , kind, , , attempts, route, version, outcome, orderId, code]: OperationLine): Reply {
  const [, , status = 0] = attempts.at(-1) ?? []
  if (status > 0) return replyOf({ status, route, version, outcome, orderId, code: code as ErrorCode | null })
  const left = attempts.some(([, , , errorCode]) => !neverLeft(errorCode))
  return unanswered({ method: readKinds.includes(kind as MixKind) ? 'GET' : 'POST', left })
}

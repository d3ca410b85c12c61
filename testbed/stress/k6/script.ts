import { SharedArray } from 'k6/data'
import execution from 'k6/execution'
import http, { type Response } from 'k6/http'
import {
  type Attempt,
  type HandedOver,
  neverLeft,
  type OperationLine,
  operationMark,
  type SummaryLine,
  summaryMark,
} from '../k6-lines.ts'
import { type AskedOperation, askFor, Newest, type OrderMemory, type PlannedOperation, remember } from '../planned.ts'

// Runs in k6, not in Node: one operation of the plan per iteration, and one line of output about it. It judges nothing:
// what an answer means is said where the lines are read, for both engines alike.

const handed = JSON.parse(open(__ENV.EZONE_STRESS ?? '')) as HandedOver
const plan = new SharedArray<PlannedOperation>('plan', () => JSON.parse(open(handed.plan)) as PlannedOperation[])
/** Each who sends knows the orders that were acknowledged to it. */
const memory: OrderMemory = { known: new Newest(), unpaid: new Newest() }

export const options = handed.options

export default function operation(): void {
  const begunAtMs = Date.now()
  const { iterationInTest: index, startTime } = execution.scenario
  const planned = plan[index % plan.length]
  if (planned === undefined) return
  const asked = askFor(planned, { index, run: handed.run, memory, nowMs: begunAtMs })
  const traceId = `${handed.run}${String(index + 1).padStart(24, '0')}`
  const { attempts, answer } = send(asked, index, traceId)
  const body = bodyOf(answer)
  const orderId = typeof body.orderId === 'string' ? body.orderId : null
  if (asked.kind === 'place' && orderId !== null && answer !== null && answer.status < 300) remember(memory, orderId)
  const { route, version, outcome } = handed.answers
  const said = (name: string) => answer?.headers[name] ?? null
  const line: OperationLine = [
    ...([index, startTime, begunAtMs, asked.kind, asked.key, traceId, attempts] as const),
    ...([said(route), said(version), said(outcome), orderId, body.error?.code ?? null] as const),
  ]
  console.log(operationMark + JSON.stringify(line))
}

/**
 * As the built-in client does it: where a router cannot be reached the next one is asked; where a connection breaks under
 * what is safe to repeat, it is asked once more. What was answered, or took too long, is not repeated.
 */
function send(asked: AskedOperation, index: number, traceId: string) {
  const { method, path, body, tag, key } = asked
  const text = body === undefined ? null : JSON.stringify(body)
  const headers = {
    [handed.headers.trace]: `00-${traceId}-${traceId.slice(-16)}-00`,
    ...(tag !== undefined && { [handed.headers.tag]: tag }),
    ...(key !== null && { [handed.headers.key]: key }),
    ...(text !== null && { 'content-type': 'application/json' }),
  }
  const params = { headers, timeout: handed.timeoutMs, responseType: 'text' } as const
  const repeatable = method === 'GET' || key !== null
  const attempts: Attempt[] = []
  let repeated = false
  for (let i = 0; i < handed.routers.length; i++) {
    const router = handed.routers[(index + i) % handed.routers.length]
    const answer = http.request(method, `${router}${path}`, text, params)
    const { timings, status, error_code } = answer
    attempts.push([timings.blocked, timings.duration, status, error_code])
    if (status > 0) return { attempts, answer }
    if (neverLeft(error_code)) continue
    if (!repeatable || repeated || error_code === timedOut) break
    repeated = true
  }
  return { attempts, answer: null }
}

const timedOut = 1050

interface Body {
  readonly orderId?: unknown
  readonly error?: { readonly code?: string }
}

function bodyOf(answer: Response | null): Body {
  try {
    return (JSON.parse(answer?.body ?? '{}') as Body | null) ?? {}
  } catch {
    return {}
  }
}

interface Metric {
  readonly values: Readonly<Record<string, number>>
}

/** k6's own figures, as the last line. */
export function handleSummary({ metrics }: { metrics: Readonly<Record<string, Metric | undefined>> }) {
  const of = (metric: string, value: string) => metrics[metric]?.values[value] ?? 0
  const summary: SummaryLine = {
    requests: of('http_reqs', 'count'),
    iterations: of('iterations', 'count'),
    dropped: of('dropped_iterations', 'count'),
    p50Ms: of('http_req_duration', 'med'),
    p99Ms: of('http_req_duration', 'p(99)'),
  }
  return { stdout: `${summaryMark}${JSON.stringify(summary)}\n` }
}

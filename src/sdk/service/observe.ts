import type { Logger } from 'pino'
import type { Clock } from '../model/index.ts'
import { type Answer, type Call, errorAnswer, type Route } from './http.ts'
import type { Metrics } from './metrics.ts'
import type { Refused } from './refused.ts'

/**
 * Routes that count and time their answers, by what they are called in the route table, never by a path with ids. A call
 * whose caller asks for it (the `sampled` flag of traceparent) is logged as a span: a line per hop, found by the trace id.
 */
export function observer(metrics: Metrics, clock: Clock, log: Pick<Logger, 'info'>): (route: Route) => Route {
  const times = metrics.histogram('ezone_request_seconds', 'Time from a request received to its answer made.')
  return (route) => ({
    ...route,
    async handle(call: Call): Promise<Answer> {
      const startMs = clock.monotonicMs()
      const done = (status: number) => {
        const ms = clock.monotonicMs() - startMs
        times.observe(ms / 1000, { method: call.method, route: route.path, status })
        const { spanId: span, parentId: parent, sampled } = call.trace
        if (sampled) log.info({ span, parent, method: call.method, path: call.path, status, ms }, 'request')
      }
      try {
        const answer = await route.handle(call)
        done(answer.status)
        return answer
      } catch (error) {
        // 499: the client has gone and no answer is sent; the usual number for it in access logs.
        done(call.signal.aborted ? 499 : errorAnswer(error).status)
        throw error
      }
    },
  })
}

/** What the frame refused before any route saw it. */
export function addRefused(metrics: Metrics, refused: Refused): void {
  const counter = metrics.counter('ezone_refused_total', 'Requests refused before a handler saw them, by kind.')
  const before = new Map<string, number>()
  metrics.beforeRead(() => {
    for (const [kind, count] of Object.entries(refused.counts)) {
      counter.add({ kind }, count - (before.get(kind) ?? 0))
      before.set(kind, count)
    }
  })
}

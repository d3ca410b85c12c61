import type { Logger } from 'pino'
import { type Clock, type ServiceConfig, systemClock } from '../model/index.ts'
import type { Answer, Route } from './http.ts'
import { Metrics } from './metrics.ts'
import { addRefused, observer } from './observe.ts'
import { addProcessMetrics } from './process-metrics.ts'
import { Refused } from './refused.ts'
import { HttpServer } from './server.ts'

/** What a service is given to stand on. */
export interface ServiceContext {
  readonly config: ServiceConfig
  /** JSON lines on stdout; the runtime keeps and limits them. */
  readonly log: Logger
  readonly clock: Clock
  /** Requests that the frame refused before the service saw them. */
  readonly refused: Refused
  /** What GET /metrics tells; counts of the service's own belong in it too. */
  readonly metrics: Metrics
  /** Aborted when the service shall end: for loops of its own. */
  readonly signal: AbortSignal
}

/** A service that runs. Disposing it gives back whatever it holds. */
export interface RunningService extends AsyncDisposable {
  readonly routes: readonly Route[]
  /** Answers whatever none of the routes fits, any method; without it that is a 404. */
  readonly otherwise?: Route['handle']
  /** Resolves when the service can serve, else rejects with the reason: what GET /readyz answers. */
  ready(signal: AbortSignal): Promise<void>
}

/** What a service with this configuration stands on. */
export function contextOf(config: ServiceConfig, log: Logger, signal: AbortSignal): ServiceContext {
  const refused = new Refused()
  const clock = clockOf(config)
  return { config, log, clock, refused, metrics: metricsOf(config, refused, clock), signal }
}

/** Serves a service on the address of its configuration: its routes, GET /readyz and GET /metrics. */
export function serve(
  service: RunningService,
  { config, log, clock, refused, metrics }: ServiceContext,
): Promise<HttpServer> {
  const observed = observer(metrics, clock, log)
  const { otherwise } = service
  return HttpServer.start({
    listen: config.listen,
    routes: [readiness(service), exposition(metrics), ...service.routes.map(observed)],
    ...(otherwise && { otherwise: observed({ method: 'GET', path: '*', handle: otherwise }).handle }),
    refused,
    onFault: (err, { method, path, trace }) =>
      log.error({ err, method, path, trace: trace.traceId }, 'a request failed for a fault of ours'),
  })
}

/** The machine's clock, or one that is wrong on purpose. What never goes back is right in any case. */
const clockOf = ({ clockOffsetMs = 0 }: ServiceConfig): Clock =>
  clockOffsetMs === 0 ? systemClock : { ...systemClock, nowMs: () => systemClock.nowMs() + clockOffsetMs }

function metricsOf({ service, place, zone, instance }: ServiceConfig, refused: Refused, clock: Clock): Metrics {
  const metrics = new Metrics({ service, place, zone: zone ?? '', instance })
  const now = metrics.gauge('ezone_clock_seconds', 'What time the service believes it is, since the Unix epoch.')
  metrics.beforeRead(() => now.set(clock.nowMs() / 1_000))
  addProcessMetrics(metrics)
  addRefused(metrics, refused)
  return metrics
}

const exposition = (metrics: Metrics): Route => ({
  method: 'GET',
  path: '/metrics',
  handle: (): Answer => ({
    status: 200,
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    body: Buffer.from(metrics.text()),
  }),
})

const readiness = (service: RunningService): Route => ({
  method: 'GET',
  path: '/readyz',
  async handle({ signal }) {
    await service.ready(signal)
    return { status: 200, body: { ready: true } }
  },
})

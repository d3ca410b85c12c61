import { access } from 'node:fs/promises'
import { flushCompileCache } from 'node:module'
import { setInterval, setTimeout as sleep } from 'node:timers/promises'
import { type Logger, pino } from 'pino'
import { type Clock, type ServiceConfig, systemClock } from '../model/index.ts'
import { readServiceConfig } from './config.ts'
import { currentTrace } from './current-trace.ts'
import type { Answer, Route } from './http.ts'
import { limits } from './limits.ts'
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

/**
 * Runs a service from its first line to its last: reads its configuration, listens on its own address alone, answers
 * GET /healthz (it lives), GET /readyz (it can serve) and GET /metrics (what it counted), and ends, in this order,
 * within 2 s of SIGTERM: no new connection -> requests in flight -> what the service holds -> exit.
 *
 * It also ends when its configuration file has vanished: then its testbed is gone and nobody else will end it.
 *
 * @param start makes the service. It must not wait for others: they may not be there yet; `ready` tells.
 */
export async function runService(start: (context: ServiceContext) => Promise<RunningService>): Promise<void> {
  const { path, config } = await readServiceConfig()
  const log = logger(config)
  if (config.sabotage.length > 0)
    log.warn({ sabotage: config.sabotage }, 'this service has planted bugs: it does wrong on purpose')
  const end = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => end.abort(name))
  try {
    const refused = new Refused()
    const clock = clockOf(config)
    const metrics = metricsOf(config, refused, clock)
    const service = await start({ config, log, clock, refused, metrics, signal: end.signal })
    const observed = observer(metrics, clock, log)
    const { otherwise } = service
    const server = await HttpServer.start({
      listen: config.listen,
      routes: [readiness(service), exposition(metrics), ...service.routes.map(observed)],
      ...(otherwise && { otherwise: observed({ method: 'GET', path: '*', handle: otherwise }).handle }),
      refused,
      onFault: (err, { method, path, trace }) =>
        log.error({ err, method, path, trace: trace.traceId }, 'a request failed for a fault of ours'),
    })
    // Node writes compiled code at a clean exit only, and a testbed's services mostly end by force.
    flushCompileCache()
    log.info({ ...config.listen }, 'listening')

    const reason = await Promise.race([ended(end.signal), vanished(path, end.signal)])
    end.abort(reason)
    log.info({ reason }, 'ending')
    await server.drain()
    await server[Symbol.asyncDispose]()
    await Promise.race([service[Symbol.asyncDispose](), sleep(limits.disposeMs)])
    process.exit(0)
  } catch (error) {
    log.fatal({ err: error }, 'the service cannot go on')
    process.exit(1)
  }
}

/** Lines of a request carry its trace id, also those of whatever it calls. */
const logger = ({ service, place }: ServiceConfig): Logger =>
  pino({
    base: { service, place },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => {
      const trace = currentTrace()?.traceId
      return trace === undefined ? {} : { trace }
    },
  })

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

function ended(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(String(signal.reason)), { once: true }),
  )
}

/** Resolves when the file was missing twice in a row: a file that is being replaced may be missing once. */
async function vanished(path: string, signal: AbortSignal): Promise<string> {
  let missing = 0
  // The end of the service ends the watch; its reason is told by `ended`.
  for await (const _ of setInterval(limits.configCheckMs, undefined, { ref: false })) {
    const there = await access(path).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
    )
    missing = there ? 0 : missing + 1
    if (missing === 2 || signal.aborted) break
  }
  return 'its configuration has vanished'
}

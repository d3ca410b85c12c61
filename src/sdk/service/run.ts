import { access } from 'node:fs/promises'
import { flushCompileCache } from 'node:module'
import { setInterval, setTimeout as sleep } from 'node:timers/promises'
import { readServiceConfig } from './config.ts'
import { contextOf, type RunningService, type ServiceContext, serve } from './frame.ts'
import { limits } from './limits.ts'
import { logger } from './log.ts'

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
    const context = contextOf(config, log, end.signal)
    const service = await start(context)
    const server = await serve(service, context)
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

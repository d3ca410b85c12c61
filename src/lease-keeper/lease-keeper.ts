import { once, setMaxListeners } from 'node:events'
import { EzoneError, type RunningService, type ServiceContext } from '@ezone/sdk'
import { Fences, SuspectRows } from '@ezone/sdk/dal'
import { FenceKeeper } from './fence-keeper.ts'
import { GlobalKeeper } from './global-keeper.ts'
import { limits } from './limits.ts'
import { SuspectKeeper } from './suspect-keeper.ts'
import { Truth } from './truth.ts'

/**
 * The lease-keeper of a zone: makes the routing table true in the zone's MySQL, extends the zone's lease while it can
 * write to a majority, and gives the zone's global MySQL its role. It answers nobody but /readyz and /metrics.
 */
export async function startLeaseKeeper(context: ServiceContext): Promise<RunningService> {
  const { config, clock, log, signal } = context
  const { stores, zone } = config
  const { mysql, global: globals } = stores
  if (zone === null || mysql === undefined) throw new TypeError('a lease-keeper runs in a zone and needs its MySQL')

  const wake = new EventTarget()
  setMaxListeners(0, wake)
  let rung = false
  const ring = () => {
    rung = true
    wake.dispatchEvent(new Event('ring'))
  }
  const truth = new Truth(context, zone, ring)
  const fences = Fences.open({ mysql, clock })
  const rows = SuspectRows.open({ mysql, clock })
  const suspects = new SuspectKeeper({ ...context, zone, truth, rows })
  const keeper = new FenceKeeper({ ...context, zone, truth, fences, suspects })
  const global = globals && new GlobalKeeper(context, zone, truth.zookeeper)
  keeper.count(context.metrics)
  const running = [run(), global?.run()]

  async function run(): Promise<void> {
    let trouble = ''
    while (!signal.aborted) {
      rung = false
      const ms = await keeper.round().then(
        (next) => {
          if (trouble !== '') log.info('the fence rows are kept again')
          trouble = ''
          return next
        },
        (error: unknown) => {
          const text = error instanceof Error ? error.message : String(error)
          if (text !== trouble && !signal.aborted) log.warn({ err: error }, 'the fence rows could not be kept')
          trouble = text
          return limits.retryMs
        },
      )
      // A table that came during the round begins the next one at once.
      if (!rung)
        await once(wake, 'ring', { signal: AbortSignal.any([signal, AbortSignal.timeout(ms)]) }).catch(() => {})
    }
  }

  return {
    routes: [],
    async ready() {
      if (truth.held === undefined) throw new EzoneError('EZ_NOT_READY', 'the routing table has not been read yet')
      keeper.requireReady()
      global?.requireRole()
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(running)
      await global?.[Symbol.asyncDispose]()
      for (const store of [rows, fences]) await store[Symbol.asyncDispose]()
      await truth[Symbol.asyncDispose]()
    },
  }
}

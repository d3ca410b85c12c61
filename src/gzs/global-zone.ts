import type { Route, ServiceContext } from '@ezone/sdk'
import { Detector, requireDoors } from './detector.ts'
import { GlobalEscort } from './global-escort.ts'
import { GlobalMover, type GlobalMoverOptions } from './global-mover.ts'
import { globalRoutes } from './global-routes.ts'
import { GlobalTruth } from './global-truth.ts'
import type { Mover } from './mover.ts'
import type { Switcher } from './switcher.ts'
import type { Truth } from './truth.ts'
import { Views } from './views.ts'

export interface GlobalZoneOptions extends Pick<GlobalMoverOptions, 'onStep'> {
  readonly context: ServiceContext
  readonly truth: Truth
  readonly mover: Mover
  readonly switcher: Switcher
}

/** What GZS does beside shards: the global master, moved when asked, or along with its zone; and the loss of a zone. */
export class GlobalZone implements AsyncDisposable {
  readonly routes: readonly Route[]
  readonly #truth: GlobalTruth
  readonly #views: Views | undefined
  readonly #running: Promise<unknown>

  constructor({ context, truth, mover, switcher, ...hooks }: GlobalZoneOptions) {
    const { failoverAfterMs: afterMs } = context.config
    const global = new GlobalTruth(truth.zookeeper, context)
    const globalMover = new GlobalMover({ ...context, ...hooks, truth: global, alive: () => truth.alive })
    const drives = (controller: string) => mover.drives(controller)
    const escort = new GlobalEscort({ ...context, truth, global, globalMover, drives })
    const running = [globalMover.run(), escort.run()]
    if (afterMs !== undefined) {
      requireDoors(context.config)
      const views = new Views(truth.zookeeper, context)
      running.push(new Detector({ ...context, truth, global, globalMover, switcher, views, afterMs }).run())
      this.#views = views
    }
    this.#truth = global
    this.#running = Promise.all(running)
    this.routes = globalRoutes(global, globalMover)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running
    await this.#views?.[Symbol.asyncDispose]()
    await this.#truth[Symbol.asyncDispose]()
  }
}

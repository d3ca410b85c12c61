import type { ServiceContext } from '@ezone/sdk'
import { GlobalServer } from '@ezone/sdk/dal'
import { ZookeeperError } from '@ezone/sdk/zookeeper'
import { Cover, type CoverAct } from './global-cover.ts'
import type { GlobalTruth, HeldZone } from './global-truth.ts'

export interface CovererOptions {
  readonly context: ServiceContext
  readonly zone: string
  readonly server: GlobalServer
  readonly truth: GlobalTruth
}

/** Carries out how commits of the master wait for the other zones, and says so in the truth: see `Cover`. */
export class Coverer implements AsyncDisposable {
  readonly #options: CovererOptions
  readonly #cover = new Cover()
  /** The servers of the other zones, across the links. */
  readonly others: readonly GlobalServer[]
  /** What the master had executed at some moment: what the others are asked for. */
  #mark: string | undefined

  constructor(options: CovererOptions) {
    this.#options = options
    const { config, clock } = options.context
    this.others = Object.entries(config.stores.global?.members ?? {})
      .filter(([zone]) => zone !== options.zone)
      .map(([, own]) => GlobalServer.open({ own, clock }))
  }

  forget(): void {
    this.#cover.forget()
    this.#mark = undefined
  }

  async look({ value, nodeVersion }: HeldZone): Promise<void> {
    const { context, server } = this.#options
    const semiSync = await server.semiSync(context.signal)
    const others = this.others.length
    const near = !value.covered && semiSync.receivers >= others && (await this.#near())
    const nowMs = context.clock.monotonicMs()
    const act = this.#cover.decide({ covered: value.covered, semiSync, others, near, nowMs })
    await this.#act(act, { value, nodeVersion })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.others.map((other) => other[Symbol.asyncDispose]()))
  }

  /** Whether all others have what the master had at the mark; where they have, or there is none, it is set anew. */
  async #near(): Promise<boolean> {
    const { server, context } = this.#options
    const mark = this.#mark
    const now = await server.executed(context.signal)
    if (mark === undefined) {
      this.#mark = now
      return false
    }
    // A zone that does not answer has nothing.
    const asked = this.others.map((other) => other.has(mark, 0, context.signal).catch(() => false))
    const near = (await Promise.all(asked)).every(Boolean)
    this.#mark = near ? now : mark
    return near
  }

  async #act(act: CoverAct, held: HeldZone): Promise<void> {
    const { server, truth, context } = this.#options
    const { log, signal } = context
    if (act === 'wait-for-all') {
      await server.setSemiSync(true, signal)
      // From here on nothing is acknowledged that the others have not received. What came before they must have, too.
      this.#mark = await server.executed(signal)
    }
    if (act === 'go-alone') await server.setSemiSync(false, signal)
    if (act !== 'cover' && act !== 'uncover') return
    const covered = act === 'cover'
    try {
      await truth.change(held, { ...held.value, covered })
    } catch (error) {
      // The record has changed: the next round decides on the new one.
      if (ZookeeperError.is(error, 'BAD_VERSION')) return
      throw error
    }
    if (!covered) await server.setSemiSync(false, signal)
    const said = covered ? 'every write is in every zone before it is acknowledged' : 'the global master goes on alone'
    log[covered ? 'info' : 'warn']({ epoch: held.value.epoch }, said)
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError, type ServiceContext } from '@ezone/sdk'
import { detectLoss, type Loss } from './detect.ts'
import type { GlobalMover } from './global-mover.ts'
import type { GlobalTruth } from './global-truth.ts'
import { limits } from './limits.ts'
import type { Switcher } from './switcher.ts'
import type { Truth } from './truth.ts'
import type { Views } from './views.ts'

export interface DetectorOptions extends Pick<ServiceContext, 'config' | 'log' | 'clock' | 'signal'> {
  readonly truth: Truth
  readonly global: GlobalTruth
  readonly globalMover: GlobalMover
  readonly switcher: Switcher
  readonly views: Views
  readonly afterMs: number
}

/** Whoever begins a switch without a person. */
export const detectorName = 'detector'

/**
 * Looks at each zone as its users do, every second, tells the other places what it sees, and leaves a zone that two of
 * them agree is lost. Every place does all of it: which one begins does not matter, as a switch is begun once.
 */
export class Detector {
  readonly #options: DetectorOptions
  /** zone -> what it is, and since when, monotonic. */
  readonly #seen = new Map<string, { readonly up: boolean; readonly sinceMs: number }>()
  #trouble = ''

  constructor(options: DetectorOptions) {
    this.#options = options
  }

  async run(): Promise<void> {
    const { signal, log } = this.#options
    while (!signal.aborted) {
      const pause = sleep(limits.lookEveryMs, undefined, { signal, ref: false }).catch(() => {})
      await this.#round().then(
        () => {
          this.#trouble = ''
        },
        (error: unknown) => {
          const trouble = error instanceof Error ? error.message : String(error)
          if (trouble !== this.#trouble && !signal.aborted) log.warn({ err: error }, 'the zones are not watched')
          this.#trouble = trouble
        },
      )
      await pause
    }
  }

  async #round(): Promise<void> {
    const { config, clock, views } = this.#options
    const { place, instance, zones } = config
    const answers = await Promise.all(zones.map(({ name }) => this.#answers(name)))
    const nowMs = clock.monotonicMs()
    for (const [i, { name }] of zones.entries()) {
      const up = answers[i] === true
      if (this.#seen.get(name)?.up !== up) this.#seen.set(name, { up, sinceMs: nowMs })
    }
    const seen = [...this.#seen].map(([zone, { up, sinceMs }]) => [zone, { up, forMs: nowMs - sinceMs }] as const)
    await views.write(`${place}-${instance}`, { place, zones: Object.fromEntries(seen) })
    const loss = this.#loss()
    if (loss !== undefined) await this.#leave(loss)
  }

  /** Whether an order could be placed there: the service answers, and says that its stores do. */
  async #answers(zone: string): Promise<boolean> {
    const { config, signal } = this.#options
    const doors = (config.peers.orders ?? []).filter((door) => door.zone === zone)
    const soon = AbortSignal.any([signal, AbortSignal.timeout(limits.lookMs)])
    const asked = doors.map(async ({ host, port }) => {
      const response = await fetch(`http://${host}:${port}/readyz`, { signal: soon })
      await response.body?.cancel()
      if (!response.ok) throw new Error(`${response.status}`)
    })
    return await Promise.any(asked).then(
      () => true,
      () => false,
    )
  }

  #loss(): Loss | undefined {
    const { truth, global, views, afterMs, clock } = this.#options
    if (!truth.known || truth.lastSwitch?.value.outcome === null) return undefined
    const serving = new Set(truth.table.value.shards.map(({ zone }) => zone))
    if (global.known) serving.add(global.held.value.master)
    const last = truth.switches.find(({ value }) => value.who === detectorName)?.value.endedAtMs
    const sinceLastMs = last === undefined || last === null ? null : clock.nowMs() - last
    return detectLoss({ views: views.all, serving, afterMs, sinceLastMs })
  }

  async #leave({ from, to, why }: Loss): Promise<void> {
    const { switcher, global, globalMover, log, signal } = this.#options
    log.warn({ from, to, why }, 'a zone is lost: it is left')
    const request = { to, mode: 'hard', who: detectorName, why } as const
    const { id } = await switcher.begin({ ...request, from, shards: [], canary: false }, signal)
    // With shards the master goes along; where it alone is there it is asked for by itself.
    if (id !== null || !global.known || global.held.value.master !== from) return
    await globalMover.begin({ ...request, acceptLoss: false }, `${detectorName}-${global.held.value.epoch}`, signal)
  }
}

/** @throws EZ_BUG where no order service is known: nothing could be looked at */
export function requireDoors({ peers, zones }: DetectorOptions['config']): void {
  const blind = zones.find(({ name }) => !(peers.orders ?? []).some((door) => door.zone === name))
  if (blind) throw new EzoneError('EZ_BUG', `no order service of ${blind.name} is known: its loss could not be seen`)
}

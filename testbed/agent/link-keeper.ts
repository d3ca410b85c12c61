import type { Clock } from '@ezone/sdk/model'
import { EzoneError } from '@ezone/sdk/model'
import { LinkDriver } from '../links/driver.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import type { Testbed } from '../session/testbed.ts'
import { specOf, type ToxiproxySpec } from '../topology/blueprint.ts'
import type { Journal } from './journal.ts'
import type { AgentApi } from './server.ts'

export interface LinkKeeperOptions {
  readonly testbed: Testbed
  readonly observer: Runtime
  readonly journal: Journal
  readonly clock: Clock
}

/** Owns the links of a running testbed: their drivers, their faults, and the proof that they are what they shall be. */
export class LinkKeeper implements AsyncDisposable {
  readonly #options: LinkKeeperOptions
  readonly #drivers: ReadonlyMap<string, LinkDriver>

  constructor(options: LinkKeeperOptions) {
    this.#options = options
    const { blueprint } = options.testbed
    this.#drivers = new Map(
      blueprint.links.map((link) => {
        const controllers = link.controllers
          .flatMap((id) => specOf(blueprint, id) ?? [])
          .filter((spec): spec is ToxiproxySpec => spec.kind === 'toxiproxy')
        return [link.name, new LinkDriver(link, controllers, { clock: options.clock })]
      }),
    )
  }

  raise(link: string, signal: AbortSignal): Promise<void> {
    return this.#driver(link).raise(signal)
  }

  async states(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const states = await Promise.all(
      [...this.#drivers].map(async ([name, driver]) => [name, (await driver.state(signal)).state] as const),
    )
    return new Map(states)
  }

  async resume(): Promise<void> {}
  async endAll(_signal: AbortSignal): Promise<void> {}
  async prove(_signal: AbortSignal): Promise<readonly unknown[]> {
    return []
  }

  queries(): AgentApi['queries'] {
    return {}
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #driver(link: string): LinkDriver {
    const driver = this.#drivers.get(link)
    if (driver === undefined) throw new EzoneError('EZ_UNKNOWN_LINK', `there is no link ${link}`)
    return driver
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import type { Clock } from '@ezone/sdk/model'
import type { Blueprint, Link, LinkProxy, Side, ToxiproxySpec } from '../topology/blueprint.ts'
import { type ProxyState, ToxiproxyControl } from './control.ts'
import { type LinkReading, readingOf } from './reading.ts'
import { missing, rebuild, reconcile } from './reconcile.ts'
import { ControlError } from './transport.ts'
import { faultToxics, type LinkFault, toxicPrefix, wantedProxy } from './wanted.ts'

/** What a change of a link took. */
export interface Applied {
  readonly proxies: number
  /** Proxies that had to be replaced because their control hung; their connections were closed. */
  readonly rebuilt: readonly string[]
  /** From the first proxy that had the change to the last: a cut over many proxies is not one moment. */
  readonly skewMs: number
  /** When the first proxy had it, and the last one, on the driver's monotonic clock. */
  readonly firstMs: number
  readonly lastMs: number
  readonly tookMs: number
}

export interface LinkDriverOptions {
  readonly clock: Clock
  /** Ends and starts a Toxiproxy, by spec id: the last resort against one that hangs. Without it that is an error. */
  readonly restart?: (controllerId: string, signal: AbortSignal) => Promise<void>
}

type Change = (proxy: LinkProxy, control: ToxiproxyControl) => Promise<void>

const awakeMs = 10_000

/** Drives the Toxiproxies of one link as one. Changes of a link happen one after another; links do not wait for each other. */
export class LinkDriver {
  readonly link: Link
  readonly #controls: ReadonlyMap<Side, { readonly id: string; readonly control: ToxiproxyControl }>
  readonly #options: LinkDriverOptions
  /** Faults that shall be in force: a Toxiproxy that was restarted or a proxy that was replaced gets them back. */
  readonly #faults = new Map<string, LinkFault>()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(link: Link, controllers: readonly ToxiproxySpec[], options: LinkDriverOptions) {
    this.link = link
    this.#options = options
    this.#controls = new Map(
      controllers.flatMap((spec) => {
        const door = spec.ports[0]
        return door === undefined ? [] : [[spec.side, { id: spec.id, control: new ToxiproxyControl(door.host) }]]
      }),
    )
  }

  /**
   * Brings every proxy to what the link shall be: latency, faults in force, enabled; and reads it all back. May be repeated
   * at any time, and must be after a Toxiproxy was restarted, since that one comes back empty.
   * @throws EZ_LINK_UNCONTROLLED
   */
  raise(signal: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      await Promise.all(
        [...this.#controls.values()].map(async ({ id, control }) => {
          await this.#awake(id, control, signal)
          await this.#removeStrangers(control, signal)
        }),
      )
      await this.#onEach((proxy, control) => this.#reconciled(proxy, control, signal), signal)
      await this.#verify(() => true, signal)
    })
  }

  /**
   * Puts a fault into the link, both ways or one way; without a `how` it cuts. The same id again changes nothing; another
   * id is another fault on top.
   * @throws EZ_LINK_UNCONTROLLED where not every proxy could be read back as wanted; some may be: `join` it.
   */
  cut(fault: LinkFault, signal: AbortSignal): Promise<Applied> {
    return this.#inTurn(async () => {
      this.#faults.set(fault.id, fault)
      const applied = await this.#onEach(async (proxy, control) => {
        await Promise.all(faultToxics(proxy, fault).map((toxic) => control.addToxic(proxy.name, toxic, signal)))
        if (!this.#wanted(proxy).enabled) await control.setEnabled(proxy.name, false, signal)
      }, signal)
      await this.#verify(() => true, signal)
      return applied
    })
  }

  /** Says that a fault shall be in force, without doing anything: the next `raise` brings it about. */
  expect(fault: LinkFault): void {
    this.#faults.set(fault.id, fault)
  }

  /** Takes one fault out of the link; others stay. An unknown id is no error. */
  join(id: string, signal: AbortSignal): Promise<Applied> {
    return this.#inTurn(async () => {
      this.#faults.delete(id)
      const isIts = (toxic: { name: string }) => toxic.name.startsWith(toxicPrefix(id))
      const applied = await this.#onEach(async (proxy, control) => {
        const state = await control.read(proxy.name, signal)
        const toxics = state?.toxics.filter(isIts) ?? []
        await Promise.all(toxics.map((toxic) => control.removeToxic(proxy.name, toxic.name, signal)))
        const { enabled } = this.#wanted(proxy)
        if (state && state.enabled !== enabled) await control.setEnabled(proxy.name, enabled, signal)
      }, signal)
      await this.#verify((state) => !state.toxics.some(isIts), signal)
      return applied
    })
  }

  /** Read back from the Toxiproxies, never from memory. Does not throw but for the signal. */
  async state(signal: AbortSignal): Promise<LinkReading> {
    const found = await Promise.all(
      this.link.proxies.map(async (proxy) => {
        try {
          return [proxy.name, await this.#controlOf(proxy.side).control.read(proxy.name, signal)] as const
        } catch (error) {
          if (!(error instanceof ControlError)) throw error
          return [proxy.name, null] as const
        }
      }),
    )
    return readingOf(this.link, new Map(found))
  }

  /** Each link has its Toxiproxies for itself, so whatever else is in them is left over from another topology. */
  async #removeStrangers(control: ToxiproxyControl, signal: AbortSignal): Promise<void> {
    try {
      const found = await control.list(signal)
      const ours = new Set(this.link.proxies.map((proxy) => proxy.name))
      await Promise.all([...found.keys()].filter((name) => !ours.has(name)).map((name) => control.remove(name, signal)))
    } catch (error) {
      // One proxy that hangs hides all: those of the link are looked after one by one.
      if (!ControlError.is(error, 'hung')) throw this.#uncontrolled(error)
    }
  }

  /** Changes all proxies at once. One whose control hangs, or that is gone, is built anew with all that is wanted of it. */
  async #onEach(change: Change, signal: AbortSignal): Promise<Applied> {
    const { clock } = this.#options
    const beginMs = clock.monotonicMs()
    const doneMs: number[] = []
    const rebuilt = new Set<string>()
    const stuck = new Map<Side, unknown>()
    await Promise.all(
      this.link.proxies.map(async (proxy) => {
        try {
          const how = await this.#changed(proxy, change, signal)
          if (how === 'rebuilt') rebuilt.add(proxy.name)
        } catch (error) {
          if (!ControlError.is(error, 'hung')) throw this.#uncontrolled(error)
          stuck.set(proxy.side, error)
        }
        doneMs.push(clock.monotonicMs())
      }),
    )
    for (const [side, error] of stuck) {
      for (const name of await this.#restartSide(side, error, signal)) rebuilt.add(name)
      doneMs.push(clock.monotonicMs())
    }
    return {
      proxies: this.link.proxies.length,
      rebuilt: [...rebuilt],
      skewMs: doneMs.length === 0 ? 0 : Math.max(...doneMs) - Math.min(...doneMs),
      firstMs: Math.min(clock.monotonicMs(), ...doneMs),
      lastMs: Math.max(beginMs, ...doneMs),
      tookMs: clock.monotonicMs() - beginMs,
    }
  }

  async #changed(proxy: LinkProxy, change: Change, signal: AbortSignal): Promise<'kept' | 'rebuilt'> {
    const { control } = this.#controlOf(proxy.side)
    try {
      await change(proxy, control)
      return 'kept'
    } catch (error) {
      if (!ControlError.is(error, 'hung') && !ControlError.is(error, 404)) throw error
      await rebuild(control, this.#wanted(proxy), signal)
      return 'rebuilt'
    }
  }

  async #restartSide(side: Side, why: unknown, signal: AbortSignal): Promise<readonly string[]> {
    const { id, control } = this.#controlOf(side)
    if (this.#options.restart === undefined) throw this.#uncontrolled(why)
    await this.#options.restart(id, signal)
    await this.#awake(id, control, signal)
    const proxies = this.link.proxies.filter((proxy) => proxy.side === side)
    try {
      await Promise.all(proxies.map((proxy) => this.#reconciled(proxy, control, signal)))
    } catch (error) {
      throw this.#uncontrolled(error)
    }
    return proxies.map((proxy) => proxy.name)
  }

  async #reconciled(proxy: LinkProxy, control: ToxiproxyControl, signal: AbortSignal): Promise<void> {
    await reconcile(control, this.#wanted(proxy), await control.read(proxy.name, signal), signal)
  }

  /** Waits until a Toxiproxy that was just started answers. */
  async #awake(id: string, control: ToxiproxyControl, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    const untilMs = clock.monotonicMs() + awakeMs
    for (;;) {
      try {
        await control.version(signal)
        return
      } catch (error) {
        if (!(error instanceof ControlError)) throw error
        if (clock.monotonicMs() > untilMs)
          throw new EzoneError('EZ_LINK_UNCONTROLLED', `${id} does not answer: ${error.message}`, { cause: error })
      }
      await sleep(20, undefined, { signal })
    }
  }

  /** Reads every proxy back: it must be as wanted, and pass `also`. */
  async #verify(also: (state: ProxyState) => boolean, signal: AbortSignal): Promise<void> {
    const problems = await Promise.all(
      this.link.proxies.map(async (proxy) => {
        const found = await this.#controlOf(proxy.side)
          .control.read(proxy.name, signal)
          .catch((error: unknown) => {
            throw this.#uncontrolled(error)
          })
        const lack = missing(this.#wanted(proxy), found)
        return lack ?? (found !== undefined && also(found) ? null : `${proxy.name} still has the fault`)
      }),
    )
    const problem = problems.find((p) => p !== null)
    if (problem) throw new EzoneError('EZ_LINK_UNCONTROLLED', `link ${this.link.name} is not as it was set: ${problem}`)
  }

  #uncontrolled(error: unknown): unknown {
    if (!(error instanceof ControlError)) return error
    return new EzoneError('EZ_LINK_UNCONTROLLED', `link ${this.link.name} cannot be set: ${error.message}`, {
      cause: error,
    })
  }

  #wanted = (proxy: LinkProxy): ProxyState => wantedProxy(this.link, proxy, [...this.#faults.values()])

  #controlOf(side: Side) {
    const found = this.#controls.get(side)
    if (found === undefined) throw new TypeError(`link ${this.link.name} has no Toxiproxy on its ${side} side`)
    return found
  }

  /** One change at a time: two that meet in the middle could leave a link half cut. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }
}

/** A driver for every link of the blueprint, by name of the link. */
export function linkDrivers(blueprint: Blueprint, options: LinkDriverOptions): ReadonlyMap<string, LinkDriver> {
  return new Map(
    blueprint.links.map((link) => {
      const controllers = blueprint.specs.filter((spec) => spec.kind === 'toxiproxy' && spec.link === link.name)
      return [link.name, new LinkDriver(link, controllers as readonly ToxiproxySpec[], options)]
    }),
  )
}

import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import type { Clock } from '@ezone/sdk/model'
import { LinkWatch } from '../links/cut-proof.ts'
import type { LinkDriver } from '../links/driver.ts'
import type { CredentialsOf } from '../links/measure.ts'
import type { Path } from '../links/paths.ts'
import type { LinkFault } from '../links/wanted.ts'
import type { Act, Look } from './act.ts'
import { type Fault, type FaultPlan, type LinkChange, linksOf, type Proof, pathKey, proofOf } from './fault.ts'
import { narrowed } from './narrowed.ts'
import { slowed } from './slowed.ts'

export interface LinkActsOptions {
  readonly clock: Clock
  readonly drivers: ReadonlyMap<string, LinkDriver>
  /** All paths of the testbed: what effect and removal are proven by. */
  readonly paths: readonly Path[]
  readonly credentialsOf: CredentialsOf
}

/** Changes of links: all of them at once, shown by probes on their paths. */
export class LinkActs implements Act, AsyncDisposable {
  readonly #options: LinkActsOptions
  readonly #flaps = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>()

  constructor(options: LinkActsOptions) {
    this.#options = options
  }

  get drivers(): ReadonlyMap<string, LinkDriver> {
    return this.#options.drivers
  }

  /** Links that are raised before their faults are taken up shall come up with them. */
  expect(fault: Fault): void {
    for (const change of fault.plan.links) this.drivers.get(change.link)?.expect(toDriver(fault, change))
  }

  /** @throws EZ_UNKNOWN_LINK, EZ_USAGE */
  async check({ links }: FaultPlan): Promise<void> {
    for (const { link, direction } of links) {
      const driver = this.driver(link)
      if (driver.link.proxies.length === 0) throw new EzoneError('EZ_USAGE', `nothing goes over link ${link}`)
      if (direction === null) continue
      const { from, to } = direction
      const [a, b] = driver.link.between
      if (from !== to && driver.link.between.includes(from) && driver.link.between.includes(to)) continue
      throw new EzoneError('EZ_USAGE', `link ${link} has no direction ${from}:${to}; it has ${a}:${b} and ${b}:${a}`)
    }
  }

  look(plan: FaultPlan): Look {
    const { paths, credentialsOf } = this.#options
    const watch = new LinkWatch(linksOf({ plan }), paths, credentialsOf)
    return {
      before: async (signal) => (await watch.answering(signal)).map(pathKey),
      effect: async (fault, hidden, signal) => {
        if (hidden) return this.#readBack(fault, true, signal)
        const mine = (path: Path) => fault.baseline.includes(pathKey(path))
        const [how] = plan.links.map((change) => change.how)
        const known = this.#paths(fault).filter(mine)
        if (how?.type === 'latency') return slowed(plan.links, known, this.#options, signal)
        if (how?.type === 'bandwidth')
          return (
            (await narrowed(plan.links, known, { ...this.#options, gone: false }, signal)) ??
            (await this.#readBack(fault, true, signal))
          )
        return proofOf(await watch.silent(mine, signal))
      },
      [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
    }
  }

  /** All links at once; the skew is from the first proxy of any to the last proxy of any. */
  async begin(fault: Fault, signal: AbortSignal): Promise<{ readonly skewMs: number }> {
    const begun = await Promise.allSettled(
      fault.plan.links.map((change) => this.driver(change.link).cut(toDriver(fault, change), signal)),
    )
    const failed = begun.find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
    const applied = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const firstMs = Math.min(...applied.map((one) => one.firstMs))
    return { skewMs: Math.max(0, Math.max(...applied.map((one) => one.lastMs)) - firstMs) }
  }

  /** A link that flaps was down while its effect was looked at; from now on it is up and down by turns. */
  settle(fault: Fault): void {
    const [how] = fault.plan.links.map((change) => change.how)
    if (how?.type !== 'flap' || this.#flaps.has(fault.id)) return
    const stop = new AbortController()
    this.#flaps.set(fault.id, { stop, ended: this.#flap(fault, how, stop.signal) })
  }

  async end(fault: Fault, _restore: boolean, signal: AbortSignal): Promise<void> {
    await this.#still(fault.id)
    await Promise.all(linksOf(fault).map((link) => this.drivers.get(link)?.join(fault.id, signal)))
  }

  async removal(fault: Fault, hidden: boolean, signal: AbortSignal): Promise<Proof> {
    // Paths show nothing while another fault is on them, or where none of them answered before.
    if (hidden || fault.baseline.length === 0) return this.#readBack(fault, false, signal)
    const { paths, credentialsOf } = this.#options
    const mine = (path: Path) => fault.baseline.includes(pathKey(path))
    await using watch = new LinkWatch(linksOf(fault), paths, credentialsOf)
    const back = proofOf(await watch.back(mine, signal))
    const [how] = fault.plan.links.map((change) => change.how)
    if (!back.proven) return back
    const known = this.#paths(fault).filter(mine)
    const again = { ...this.#options, gone: true }
    if (how?.type === 'latency') return slowed(fault.plan.links, known, again, signal)
    return (how?.type === 'bandwidth' ? await narrowed(fault.plan.links, known, again, signal) : null) ?? back
  }

  /** Takes faults out of the links that no journal knows of. */
  async removeStrangers(
    link: string,
    known: ReadonlySet<string>,
    told: (id: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const driver = this.driver(link)
    for (const id of (await driver.state(signal)).faults) {
      if (known.has(id)) continue
      await driver.join(id, signal)
      told(id)
    }
  }

  driver(link: string): LinkDriver {
    const driver = this.drivers.get(link)
    if (driver !== undefined) return driver
    const names = [...this.drivers.keys()].join(', ')
    throw new EzoneError('EZ_UNKNOWN_LINK', `there is no link ${link}; there are ${names}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#flaps.keys()].map((id) => this.#still(id)))
  }

  #paths = (fault: Fault) => this.#options.paths.filter((path) => linksOf(fault).includes(path.link ?? ''))

  /** What can be known of one fault while others hide it: whether its links read as having it. */
  async #readBack(fault: Fault, wanted: boolean, signal: AbortSignal): Promise<Proof> {
    const readings = await Promise.all(
      fault.plan.links.map(async ({ link, how }) => {
        const { state, faults, why } = await this.driver(link).state(signal)
        const there = how.type === 'refuse' ? state === 'refused' : faults.includes(fault.id)
        return state !== 'unknown' && there === wanted ? [] : [`${link}: ${why ?? state}`]
      }),
    )
    const against = readings.flat()
    return { proven: against.length === 0, samples: 0, by: 'reading', against }
  }

  async #flap(fault: Fault, { downMs, upMs }: { downMs: number; upMs: number }, signal: AbortSignal): Promise<void> {
    const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined)
    while (!signal.aborted) {
      await pause(downMs)
      // A link that cannot be changed now is tried again at its next turn.
      if (!signal.aborted)
        await Promise.allSettled(linksOf(fault).map((link) => this.driver(link).join(fault.id, signal)))
      await pause(upMs)
      if (!signal.aborted) await this.begin(fault, signal).catch(() => undefined)
    }
  }

  async #still(id: string): Promise<void> {
    const flap = this.#flaps.get(id)
    flap?.stop.abort(new EzoneError('EZ_CANCELLED', 'the link flaps no more'))
    await flap?.ended
    this.#flaps.delete(id)
  }
}

/** A link that flaps is dropped while it is down. */
function toDriver({ id }: Fault, { direction, how }: LinkChange): LinkFault {
  return { id, direction, how: how.type === 'flap' ? { type: 'drop' } : how }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import type { Clock } from '@ezone/sdk/model'
import { expectedState, LinkWatch } from '../links/cut-proof.ts'
import type { LinkDriver } from '../links/driver.ts'
import type { CredentialsOf } from '../links/measure.ts'
import type { Path } from '../links/paths.ts'
import type { Direction } from '../links/wanted.ts'
import {
  type Fault,
  type FaultReport,
  isOver,
  noProof,
  notRemoved,
  type Proof,
  pathKey,
  proofOf,
  reportOf,
} from './fault.ts'
import { FaultJournal } from './fault-journal.ts'

export interface LeaseKeeperOptions {
  /** File of the journal. */
  readonly file: string
  readonly clock: Clock
  readonly drivers: ReadonlyMap<string, LinkDriver>
  /** All paths of the testbed: what effect and removal are proven by. */
  readonly paths: readonly Path[]
  readonly credentialsOf: CredentialsOf
  readonly tell: (event: { type: 'fault'; id: string; link: string; state: string; text: string }) => void
}

export interface CutRequest {
  readonly link: string
  /** null: both ways. */
  readonly direction: Direction | null
  readonly forMs: number
}

const retryMs = [1_000, 2_000, 5_000, 10_000]
const endDeadlineMs = 60_000
const longestSleepMs = 1_000

/**
 * Keeps faults of links as leases. A fault is on disk before it has any effect, and ends when its time is over, whoever
 * asked for it and whether or not that one still lives; a keeper that comes after a crash takes up what it finds written.
 *
 * Faults of one link stand on top of each other: each ends by itself, and the link is open again when the last one has.
 * Effect and removal are shown by probes on the link's paths. A removal that is not shown is tried again until it is.
 */
export class LeaseKeeper implements AsyncDisposable {
  readonly #options: LeaseKeeperOptions
  readonly #journal: FaultJournal
  readonly #closed = new AbortController()
  /** Ends of leases on the clock that cannot be set back; known only for those asked for in this life. */
  readonly #untilMonotonic = new Map<string, number>()
  readonly #ending = new Map<string, Promise<Fault>>()
  readonly #retries = new Map<string, { readonly count: number; readonly atMs: number }>()
  #wake = new AbortController()
  readonly #loop: Promise<void>

  private constructor(options: LeaseKeeperOptions, journal: FaultJournal) {
    this.#options = options
    this.#journal = journal
    // Links that are raised before `resume` shall come up with their faults.
    for (const fault of journal.open) if (!this.#shallEnd(fault)) options.drivers.get(fault.link)?.expect(fault)
    this.#loop = this.#run()
  }

  static async open(options: LeaseKeeperOptions): Promise<LeaseKeeper> {
    const { journal, damage } = await FaultJournal.open(options.file)
    if (damage !== null) options.tell({ type: 'fault', id: '', link: '', state: 'unknown', text: damage })
    return new LeaseKeeper(options, journal)
  }

  /** All faults that are in force or being ended, and the last ones that are over. */
  faults(): readonly FaultReport[] {
    return this.#journal.faults.map(reportOf)
  }

  /**
   * Takes up what an earlier keeper left: ends what is over, sees to it that the rest is in force, and removes faults of
   * links that no journal knows. Links that are not up are left to `raise`.
   */
  async resume(signal: AbortSignal): Promise<void> {
    const results = await Promise.allSettled([
      ...this.#journal.open.map((fault) => this.#takeUp(fault, signal)),
      ...[...this.#options.drivers.values()].map((driver) => this.#removeOrphans(driver, signal)),
    ])
    signal.throwIfAborted()
    for (const result of results)
      if (result.status === 'rejected' && !EzoneError.is(result.reason, 'EZ_LINK_UNCONTROLLED')) throw result.reason
  }

  /**
   * Cuts a link for a time. The report says whether probes could show it: `effect.proven` false with paths `against` it
   * means that they found another way, without any, that nothing answered before.
   * @throws EZ_UNKNOWN_LINK, EZ_USAGE, EZ_LINK_UNCONTROLLED (and then the link is joined again)
   */
  async cut(request: CutRequest, signal: AbortSignal): Promise<FaultReport> {
    const driver = this.#driver(request.link)
    checkDirection(driver, request.direction)
    await using watch = this.#watch(request.link)
    const below = this.#journal.inForce(request.link)
    const baseline =
      below.length > 0 ? below.flatMap((fault) => fault.baseline) : (await watch.answering(signal)).map(pathKey)
    const { id } = await this.#begin(request, baseline, signal)
    try {
      const proof = this.#journal.inForce(request.link).some((fault) => fault.id !== id)
        ? await this.#readBack(driver, signal)
        : proofOf(await watch.silent((path) => baseline.includes(pathKey(path)), signal))
      const fault = await this.#journal.patch(id, { effect: proof })
      this.#tell(fault, fault.state, proof.proven ? 'in force, shown by probes' : 'in force, but not shown')
      return reportOf(fault)
    } catch (error) {
      await this.#end(this.#journal.get(id), 'its effect could not be looked at').catch(() => undefined)
      throw error
    }
  }

  /** Ends every fault of a link. @throws EZ_UNKNOWN_LINK, EZ_FAULT_NOT_REMOVED */
  async join(link: string): Promise<readonly FaultReport[]> {
    const driver = this.#driver(link)
    const faults = this.#journal.open.filter((fault) => fault.link === link)
    // One after the other: the last one is shown by probes, those before it cannot be.
    const ended: FaultReport[] = []
    for (const fault of faults) ended.push(reportOf(await this.#end(fault, 'join')))
    await this.#removeOrphans(driver, AbortSignal.timeout(endDeadlineMs))
    return ended
  }

  /** Cuts several links at once for a moment, without looking at paths; disposing it joins them. */
  async hold(links: readonly string[], forMs: number, signal: AbortSignal): Promise<AsyncDisposable> {
    const ids: string[] = []
    const release = async () => {
      const results = await Promise.allSettled(ids.map((id) => this.#end(this.#journal.get(id), 'join', 'reading')))
      const failed = results.find((result) => result.status === 'rejected')
      if (failed) throw failed.reason
    }
    const begun = await Promise.allSettled(
      links.map(async (link) => {
        const fault = await this.#begin({ link, direction: null, forMs }, [], signal)
        ids.push(fault.id)
      }),
    )
    const failed = begun.find((result) => result.status === 'rejected')
    if (failed) {
      await release()
      throw failed.reason
    }
    return { [Symbol.asyncDispose]: release }
  }

  /** Ends all faults without looking at paths, since the servers behind them are about to end too. Never throws. */
  async endAll(why: string): Promise<void> {
    await Promise.allSettled(this.#journal.open.map((fault) => this.#end(fault, why, 'reading')))
  }

  /** Ends what is over now. The keeper does so by itself; tests with a clock of their own call it. */
  async expire(): Promise<void> {
    const due = this.#journal.open.filter((fault) =>
      fault.state === 'ending' ? this.#mayRetry(fault) : this.#shallEnd(fault),
    )
    await Promise.allSettled(due.map((fault) => this.#end(fault, fault.why ?? 'lease')))
  }

  /** Stops keeping time. Faults stay in force, and on disk for the next keeper. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new EzoneError('EZ_CANCELLED', 'the agent ends'))
    this.#wake.abort()
    await Promise.allSettled([this.#loop, ...this.#ending.values()])
  }

  async #takeUp(fault: Fault, signal: AbortSignal): Promise<void> {
    if (!this.#options.drivers.has(fault.link)) {
      await this.#journal.patch(fault.id, { state: 'ended', why: 'its link is no more' })
      return
    }
    // What cannot be ended now is tried again by and by.
    if (this.#shallEnd(fault)) return void (await this.#end(fault, fault.why ?? 'lease').catch(() => undefined))
    await this.#driver(fault.link).cut(fault, signal)
    await this.#journal.patch(fault.id, { state: 'active' })
    this.#tell(fault, 'active', 'taken up again')
  }

  async #begin({ link, direction, forMs }: CutRequest, baseline: readonly string[], signal: AbortSignal) {
    const { clock } = this.#options
    const fault: Fault = {
      id: this.#journal.nextId(),
      kind: 'cut',
      link,
      direction,
      state: 'asked',
      askedAtMs: clock.nowMs(),
      leaseUntilMs: clock.nowMs() + forMs,
      endedAtMs: null,
      why: null,
      effect: noProof,
      removal: noProof,
      baseline: [...baseline],
      skewMs: 0,
    }
    this.#untilMonotonic.set(fault.id, clock.monotonicMs() + forMs)
    await this.#journal.put(fault)
    this.#wake.abort()
    try {
      const { skewMs } = await this.#driver(link).cut(fault, signal)
      return await this.#journal.patch(fault.id, { skewMs, state: 'active' })
    } catch (error) {
      await this.#end(fault, 'it could not be put in', 'reading').catch(() => undefined)
      throw error
    }
  }

  /** Whoever asks for the end of a fault that is ending already waits for the same end. */
  #end(fault: Fault, why: string, by: 'paths' | 'reading' = 'paths'): Promise<Fault> {
    const running = this.#ending.get(fault.id)
    if (running) return running
    const ending = this.#finish(fault.id, why, by).finally(() => this.#ending.delete(fault.id))
    this.#ending.set(fault.id, ending)
    return ending
  }

  async #finish(id: string, why: string, by: 'paths' | 'reading'): Promise<Fault> {
    if (isOver(this.#journal.get(id))) return this.#journal.get(id)
    // Where the disk is full the fault must end all the same; only that it is ending is not on disk then.
    const fault = await this.#journal.patch(id, { state: 'ending', why }).catch(() => this.#journal.get(id))
    const driver = this.#driver(fault.link)
    const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(endDeadlineMs)])
    try {
      await driver.join(id, signal)
      // Paths show nothing while another fault is on them, or where none of them answered before.
      const hidden = by === 'reading' || this.#journal.inForce(fault.link).length > 0 || fault.baseline.length === 0
      const removal = hidden ? await this.#readBack(driver, signal) : await this.#shownGone(fault, signal)
      const ended = await this.#journal.patch(id, {
        removal,
        ...(removal.proven && { state: 'ended' as const, endedAtMs: this.#options.clock.nowMs() }),
      })
      if (!removal.proven) throw notRemoved(fault, removal)
      this.#retries.delete(id)
      this.#tell(ended, 'ended', why)
      return ended
    } catch (error) {
      const count = (this.#retries.get(id)?.count ?? -1) + 1
      const waitMs = retryMs[Math.min(count, retryMs.length - 1)] ?? longestSleepMs
      this.#retries.set(id, { count, atMs: this.#options.clock.monotonicMs() + waitMs })
      const failure = EzoneError.is(error, 'EZ_FAULT_NOT_REMOVED') ? error : notRemoved(fault, error as Error)
      this.#tell(fault, 'ending', failure.message)
      throw failure
    }
  }

  async #shownGone(fault: Fault, signal: AbortSignal): Promise<Proof> {
    await using watch = this.#watch(fault.link)
    return proofOf(await watch.back((path) => fault.baseline.includes(pathKey(path)), signal))
  }

  /** What can be known of one fault while others hide it: that the link reads as the others make it. */
  async #readBack(driver: LinkDriver, signal: AbortSignal): Promise<Proof> {
    const reading = await driver.state(signal)
    const proven = reading.state === expectedState(this.#journal.inForce(driver.link.name))
    return { proven, samples: 0, by: 'reading', against: proven ? [] : [reading.why ?? reading.state] }
  }

  async #removeOrphans(driver: LinkDriver, signal: AbortSignal): Promise<void> {
    const known = new Set(this.#journal.open.map((fault) => fault.id))
    for (const id of (await driver.state(signal)).faults) {
      if (known.has(id)) continue
      await driver.join(id, signal)
      this.#options.tell({ type: 'fault', id, link: driver.link.name, state: 'ended', text: 'no journal knew of it' })
    }
  }

  async #run(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      this.#wake = new AbortController()
      const idle = this.#journal.open.length === 0
      const waitMs = idle ? 2 ** 30 : this.#nextMs()
      await sleep(waitMs, undefined, { signal: this.#wake.signal, ref: false }).catch(() => undefined)
      if (!this.#closed.signal.aborted) await this.expire()
    }
  }

  #nextMs(): number {
    const now = this.#options.clock.nowMs()
    const retryInMs = (fault: Fault) => (this.#retries.get(fault.id)?.atMs ?? 0) - this.#options.clock.monotonicMs()
    const next = Math.min(
      ...this.#journal.open.map((fault) => (fault.state === 'ending' ? retryInMs(fault) : fault.leaseUntilMs - now)),
    )
    return Math.min(longestSleepMs, Math.max(20, next))
  }

  /** Over by either clock: a wall clock that was set back must not make a lease longer. */
  #shallEnd(fault: Fault): boolean {
    const { clock } = this.#options
    if (fault.state === 'ending') return true
    const until = this.#untilMonotonic.get(fault.id)
    return clock.nowMs() >= fault.leaseUntilMs || (until !== undefined && clock.monotonicMs() >= until)
  }

  #mayRetry(fault: Fault): boolean {
    return this.#options.clock.monotonicMs() >= (this.#retries.get(fault.id)?.atMs ?? 0)
  }

  #watch = (link: string) => new LinkWatch(link, this.#options.paths, this.#options.credentialsOf)

  #driver(link: string): LinkDriver {
    const driver = this.#options.drivers.get(link)
    if (driver !== undefined) return driver
    const names = [...this.#options.drivers.keys()].join(', ')
    throw new EzoneError('EZ_UNKNOWN_LINK', `there is no link ${link}; there are ${names}`)
  }

  #tell(fault: Fault, state: string, text: string): void {
    this.#options.tell({ type: 'fault', id: fault.id, link: fault.link, state, text })
  }
}

/** @throws EZ_USAGE */
function checkDirection({ link }: LinkDriver, direction: Direction | null): void {
  if (link.proxies.length === 0) throw new EzoneError('EZ_USAGE', `nothing goes over link ${link.name}`)
  if (direction === null) return
  const { from, to } = direction
  if (from !== to && link.between.includes(from) && link.between.includes(to)) return
  const [a, b] = link.between
  throw new EzoneError('EZ_USAGE', `link ${link.name} has no direction ${from}:${to}; it has ${a}:${b} and ${b}:${a}`)
}

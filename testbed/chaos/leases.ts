import { setTimeout as sleep } from 'node:timers/promises'
import { EzoneError } from '@ezone/sdk/errors'
import type { Clock } from '@ezone/sdk/model'
import type { Act } from './act.ts'
import { requireNoContradiction } from './contradictions.ts'
import {
  type Fault,
  type FaultPlan,
  type FaultReport,
  isOver,
  linksOf,
  noProof,
  notRemoved,
  reportOf,
} from './fault.ts'
import { FaultJournal } from './fault-journal.ts'
import { LeaseTimes } from './lease-times.ts'
import type { LinkActs } from './link-acts.ts'

export interface LeaseKeeperOptions {
  /** File of the journal. */
  readonly file: string
  readonly clock: Clock
  readonly links: LinkActs
  /** Changes of processes; without it faults are of links alone. */
  readonly specs?: Act
  readonly tell: (event: FaultEvent) => void
  /** Throws where no fault may begin now; asked in the moment before it is written down. */
  readonly guard?: () => void
}

export interface FaultEvent {
  readonly type: 'fault'
  readonly id: string
  readonly kind: string
  readonly target: string
  /** The first link it is on; empty where it is on none. */
  readonly link: string
  readonly state: string
  readonly text: string
}

/** A fault as it shall be: what `kinds` made of a request. */
export interface FaultWish {
  readonly kind: string
  readonly target: string
  readonly direction: Fault['direction']
  readonly plan: FaultPlan
  readonly forMs: number
}

interface Ending {
  /** Whether paths and doors are asked, or only read back what can be read. */
  readonly by: 'paths' | 'reading'
  /** False: servers that were killed stay down. */
  readonly restore: boolean
}

/** Servers that were killed have to start again within it. */
const endDeadlineMs = 150_000
const properly: Ending = { by: 'paths', restore: true }

/**
 * Keeps faults as leases. A fault is on disk before it has any effect, and ends when its time is over, whoever asked for
 * it and whether or not that one still lives; a keeper that comes after a crash takes up what it finds written.
 *
 * Cuts of one link stand on top of each other: each ends by itself, and the link is open again when the last one has.
 * Effect and removal are shown by measurement. A removal that is not shown is tried again until it is.
 */
export class LeaseKeeper implements AsyncDisposable {
  readonly #options: LeaseKeeperOptions
  readonly #journal: FaultJournal
  readonly #closed = new AbortController()
  readonly #times: LeaseTimes
  readonly #ending = new Map<string, Promise<Fault>>()
  #wake = new AbortController()
  readonly #loop: Promise<void>

  private constructor(options: LeaseKeeperOptions, journal: FaultJournal) {
    this.#options = options
    this.#journal = journal
    this.#times = new LeaseTimes(options.clock)
    for (const fault of journal.open) if (!this.#times.isOver(fault)) options.links.expect(fault)
    this.#loop = this.#run()
  }

  static async open(options: LeaseKeeperOptions): Promise<LeaseKeeper> {
    const { journal, damage } = await FaultJournal.open(options.file)
    const nobody = { id: '', kind: '', target: '', link: '' }
    if (damage !== null) options.tell({ type: 'fault', ...nobody, state: 'unknown', text: damage })
    return new LeaseKeeper(options, journal)
  }

  /** All faults that are in force or being ended, and the last ones that are over. */
  faults(): readonly FaultReport[] {
    return this.#journal.faults.map(reportOf)
  }

  /** Those that are not over, as the journal has them. */
  get open(): readonly Fault[] {
    return this.#journal.open
  }

  /**
   * Takes up what an earlier keeper left: ends what is over, sees to it that the rest is in force, and removes faults of
   * links that no journal knows. Links that are not up are left to `raise`.
   */
  async resume(signal: AbortSignal): Promise<void> {
    const { links } = this.#options
    const results = await Promise.allSettled([
      ...this.#journal.open.map((fault) => this.#takeUp(fault, signal)),
      ...[...links.drivers.keys()].map((link) => this.#removeStrangers(link, signal)),
    ])
    signal.throwIfAborted()
    for (const result of results)
      if (result.status === 'rejected' && !EzoneError.is(result.reason, 'EZ_LINK_UNCONTROLLED')) throw result.reason
  }

  /**
   * Puts a fault in for a time. The report says whether it could be shown: `effect.proven` false with something `against`
   * it means that it answered all the same, without any, that nothing answered before.
   * @throws EZ_FAULT_CONFLICT, what the change itself refuses, EZ_LINK_UNCONTROLLED (and then it is taken back)
   */
  async inject(wish: FaultWish, signal: AbortSignal): Promise<FaultReport> {
    const act = this.#actOf(wish)
    requireNoContradiction(wish, this.#journal.open)
    await act.check(wish.plan, signal)
    await using look = act.look(wish.plan)
    const below = this.#journal.inForce(linksOf(wish))
    const baseline = below.length > 0 ? below.flatMap((fault) => fault.baseline) : await look.before(signal)
    const { id } = await this.#begin(wish, [...new Set(baseline)], signal)
    try {
      const fault = this.#journal.get(id)
      const effect = await look.effect(fault, this.#isHidden(fault), signal)
      const shown = await this.#journal.patch(id, { effect })
      this.#tell(shown, shown.state, effect.proven ? 'in force, shown by measurement' : 'in force, but not shown')
      if (isOnce(shown)) return reportOf(await this.#end(shown, 'done'))
      if (shown.state === 'active') act.settle(shown)
      return reportOf(this.#journal.get(id))
    } catch (error) {
      await this.#end(this.#journal.get(id), 'its effect could not be looked at').catch(() => undefined)
      throw error
    }
  }

  /** Ends these faults, the last one in first; all that are not over where none is named. @throws EZ_FAULT_NOT_REMOVED */
  async heal(ids: readonly string[] | null, why = 'heal'): Promise<readonly FaultReport[]> {
    const faults = this.#journal.open.filter((fault) => ids === null || ids.includes(fault.id))
    const ended: FaultReport[] = []
    const failures: unknown[] = []
    // Of one link one after the other: the last one is shown by probes, those before it cannot be.
    for (const fault of faults)
      await this.#end(fault, why).then(
        (done) => ended.push(reportOf(done)),
        (error: unknown) => failures.push(error),
      )
    if (failures.length > 0) throw failures[0]
    return ended
  }

  /** Ends every fault of a link. @throws EZ_UNKNOWN_LINK, EZ_FAULT_NOT_REMOVED */
  async join(link: string): Promise<readonly FaultReport[]> {
    this.#options.links.driver(link)
    const ids = this.#journal.open.filter((fault) => linksOf(fault).includes(link)).map(({ id }) => id)
    const ended = await this.heal(ids, 'join')
    await this.#removeStrangers(link, AbortSignal.timeout(endDeadlineMs))
    return ended
  }

  /** Cuts several links at once for a moment, without looking at paths; disposing it joins them. */
  async hold(links: readonly string[], forMs: number, signal: AbortSignal): Promise<AsyncDisposable> {
    const plan = { links: links.map((link) => ({ link, direction: null, how: { type: 'drop' as const } })), specs: [] }
    const wish = { kind: 'partition', target: links.join(','), direction: null, plan, forMs }
    const { id } = await this.#begin(wish, [], signal)
    return {
      [Symbol.asyncDispose]: async () =>
        void (await this.#end(this.#journal.get(id), 'join', { by: 'reading', restore: true })),
    }
  }

  /**
   * Ends all faults without looking at paths, since the servers behind them are about to end too: what was killed stays
   * down, what was stopped goes on so that it can end in peace. Never throws.
   */
  async endAll(why: string): Promise<void> {
    const ending = { by: 'reading', restore: false } as const
    await Promise.allSettled(this.#journal.open.map((fault) => this.#end(fault, why, ending)))
  }

  /** Waits for those that are ending already; whether they could is told elsewhere. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#ending.values())
  }

  /** Ends what is over now. The keeper does so by itself; tests with a clock of their own call it. */
  async expire(): Promise<void> {
    const due = this.#journal.open.filter((fault) => this.#times.isDue(fault))
    await Promise.allSettled(due.map((fault) => this.#end(fault, fault.why ?? 'lease')))
  }

  /** Stops keeping time. Faults stay in force, and on disk for the next keeper. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new EzoneError('EZ_CANCELLED', 'the agent ends'))
    this.#wake.abort()
    await Promise.allSettled([this.#loop, ...this.#ending.values(), this.#options.links[Symbol.asyncDispose]()])
  }

  async #takeUp(fault: Fault, signal: AbortSignal): Promise<void> {
    const { links, specs } = this.#options
    if (linksOf(fault).some((link) => !links.drivers.has(link)) || (fault.plan.specs.length > 0 && !specs)) {
      await this.#journal.patch(fault.id, { state: 'ended', why: 'its target is no more' })
      return
    }
    // What cannot be ended now is tried again by and by. What does its work at once has been interrupted in it.
    if (this.#times.isOver(fault) || isOnce(fault))
      return void (await this.#end(fault, fault.why ?? 'lease').catch(() => undefined))
    const act = this.#actOf(fault)
    await act.begin(fault, signal)
    act.settle(await this.#journal.patch(fault.id, { state: 'active' }))
    this.#tell(fault, 'active', 'taken up again')
  }

  async #begin(wish: FaultWish, baseline: readonly string[], signal: AbortSignal): Promise<Fault> {
    const { clock } = this.#options
    // Again, and with nothing in between: another one may have come while this one looked around.
    requireNoContradiction(wish, this.#journal.open)
    this.#options.guard?.()
    const { forMs, ...what } = wish
    const fault: Fault = {
      ...what,
      id: this.#journal.nextId(),
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
    this.#times.begin(fault.id, forMs)
    await this.#journal.put(fault)
    this.#wake.abort()
    try {
      const { skewMs } = await this.#actOf(fault).begin(fault, signal)
      return await this.#journal.patch(fault.id, { skewMs, state: 'active' })
    } catch (error) {
      await this.#end(fault, 'it could not be put in', { by: 'reading', restore: true }).catch(() => undefined)
      throw error
    }
  }

  /** Whoever asks for the end of a fault that is ending already waits for the same end. */
  #end(fault: Fault, why: string, how = properly): Promise<Fault> {
    const running = this.#ending.get(fault.id)
    if (running) return running
    const ending = this.#finish(fault.id, why, how).finally(() => this.#ending.delete(fault.id))
    this.#ending.set(fault.id, ending)
    return ending
  }

  async #finish(id: string, why: string, { by, restore }: Ending): Promise<Fault> {
    if (isOver(this.#journal.get(id))) return this.#journal.get(id)
    // Where the disk is full the fault must end all the same; only that it is ending is not on disk then.
    const fault = await this.#journal.patch(id, { state: 'ending', why }).catch(() => this.#journal.get(id))
    const act = this.#actOf(fault)
    const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(endDeadlineMs)])
    try {
      await act.end(fault, restore, signal)
      const removal = restore
        ? await act.removal(fault, by === 'reading' || this.#isHidden(fault), signal)
        : { ...noProof, proven: true, by: 'reading' as const }
      const ended = await this.#journal.patch(id, {
        removal,
        ...(removal.proven && { state: 'ended' as const, endedAtMs: this.#options.clock.nowMs() }),
      })
      if (!removal.proven) throw notRemoved(fault, removal)
      this.#times.forget(id)
      this.#tell(ended, 'ended', why)
      return ended
    } catch (error) {
      this.#times.failed(id)
      const failure = EzoneError.is(error, 'EZ_FAULT_NOT_REMOVED') ? error : notRemoved(fault, error as Error)
      this.#tell(fault, 'ending', failure.message)
      throw failure
    }
  }

  /** Others in force that keep probes from showing anything of this one: on the same links, or for a server on any. */
  #isHidden(fault: Fault): boolean {
    const others = this.#journal.inForce(fault.plan.specs.length > 0 ? null : linksOf(fault))
    return others.some(({ id }) => id !== fault.id)
  }

  #actOf({ plan }: { readonly plan: FaultPlan }): Act {
    if (plan.specs.length === 0) return this.#options.links
    if (this.#options.specs) return this.#options.specs
    throw new TypeError('this keeper changes links alone')
  }

  #removeStrangers(link: string, signal: AbortSignal): Promise<void> {
    const known = new Set(this.#journal.open.map((fault) => fault.id))
    const told = (id: string) =>
      this.#options.tell({
        ...{ type: 'fault', id, kind: '', target: link, link, state: 'ended' },
        text: 'no journal knew of it',
      })
    return this.#options.links.removeStrangers(link, known, told, signal)
  }

  async #run(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      this.#wake = new AbortController()
      const idle = this.#journal.open.length === 0
      const waitMs = idle ? 2 ** 30 : this.#times.restMs(this.#journal.open)
      await sleep(waitMs, undefined, { signal: this.#wake.signal, ref: false }).catch(() => undefined)
      if (!this.#closed.signal.aborted) await this.expire()
    }
  }

  #tell(fault: Fault, state: string, text: string): void {
    const { id, kind, target } = fault
    this.#options.tell({ type: 'fault', id, kind, target, link: linksOf(fault)[0] ?? '', state, text })
  }
}

/** Does its work at once: nothing of it lasts until the lease ends. */
const isOnce = ({ plan }: Fault): boolean => plan.specs.length > 0 && plan.specs.every(({ how }) => how === 'restart')

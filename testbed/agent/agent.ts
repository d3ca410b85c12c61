import type { Clock } from '@ezone/sdk/model'
import { EzoneError } from '@ezone/sdk/model'
import type { Runtime } from '../runtimes/runtime.ts'
import { observerOf } from '../session/observer.ts'
import { isLegal, isProven, observedPhase, type Phase, type Verb, verbs } from '../session/phases.ts'
import { readStarted, writeStarted } from '../session/started.ts'
import { type Status, sightOf, statusOf } from '../session/status.ts'
import type { Testbed } from '../session/testbed.ts'
import { bootId } from '../surroundings/processes.ts'
import type { Hello } from './client.ts'
import { FaultKeeper } from './fault-keeper.ts'
import { Housekeeper } from './housekeeper.ts'
import type { Journal } from './journal.ts'
import { LinkKeeper } from './link-keeper.ts'
import { Supervisor } from './supervisor.ts'

export interface AgentOptions {
  readonly testbed: Testbed
  readonly stateFolder: string
  readonly cacheFolder: string
  readonly version: string
  readonly journal: Journal
  readonly clock: Clock
}

/** The verb at work: there is never more than one. */
interface Work {
  readonly verb: Verb
  readonly phase: Phase
  readonly controller: AbortController
}

/**
 * What the agent owns while a testbed runs: the one verb at work, the links with their faults, and supervision.
 * It keeps no truth about what runs; that is observed each time it is asked for.
 */
export class Agent implements AsyncDisposable {
  readonly options: AgentOptions
  readonly links: LinkKeeper
  readonly faults: FaultKeeper
  readonly #observer: Runtime
  readonly #supervisor: Supervisor
  readonly #housekeeper: Housekeeper
  readonly #done = Promise.withResolvers<void>()
  #work: Work | null = null

  private constructor(options: AgentOptions, observer: Runtime, supervisor: Supervisor, faults: FaultKeeper) {
    this.options = options
    this.faults = faults
    this.links = new LinkKeeper(options, faults.drivers, faults.leases)
    this.#observer = observer
    this.#supervisor = supervisor
    this.#housekeeper = new Housekeeper(options.testbed, options.journal.tell)
  }

  static async open(options: AgentOptions): Promise<Agent> {
    const observer = await observerOf(options.testbed)
    const supervisor = new Supervisor(observer, options.journal.tell)
    let agent: Agent | undefined
    const supervision = {
      expectEnd: (ids: readonly string[]) => supervisor.expectEnd(ids),
      look: async () => agent?.expectWhatRuns(),
      proved: async (ids: readonly string[]) => agent?.keepProven(ids),
    }
    const guard = () => agent?.refuseWhileBusy()
    const faults = await FaultKeeper.open({ ...options, observer, supervision, guard })
    agent = new Agent(options, observer, supervisor, faults)
    await agent.expectWhatRuns()
    return agent
  }

  /** Resolves when there is nothing left to own. */
  get done(): Promise<void> {
    return this.#done.promise
  }

  get observer(): Runtime {
    return this.#observer
  }

  hello(): Hello {
    return { version: this.options.version, pid: process.pid, busy: this.#work?.verb ?? null }
  }

  /** Runs a verb alone. @throws EZ_BUSY, EZ_ILLEGAL_STATE, and what the verb itself throws */
  async alone<T>(verb: Verb, during: Phase, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.refuseWhileBusy()
    const mine: Work = { verb, phase: during, controller: new AbortController() }
    this.#work = mine
    this.#supervisor.expect([])
    try {
      const phase = await this.#observedPhase(mine.controller.signal)
      if (!isLegal(verb, phase))
        throw new EzoneError(
          'EZ_ILLEGAL_STATE',
          `testbed ${this.options.testbed.name} is ${phase}; \`${verb}\` cannot be done then`,
        )
      this.options.journal.tell({ type: 'phase', phase: during, verb })
      return await work(mine.controller.signal)
    } finally {
      this.#work = null
      // What came of the verb is what counts, also where this look fails.
      await this.expectWhatRuns().catch((error: Error) =>
        this.options.journal.tell({ type: 'warning', text: `nothing is supervised: ${error.message}` }),
      )
    }
  }

  /** For what may not be done while a verb is at work, such as a cut in the middle of a stop. @throws EZ_BUSY */
  refuseWhileBusy(): void {
    if (this.#work !== null)
      throw new EzoneError('EZ_BUSY', `\`${this.#work.verb}\` is at work on testbed ${this.options.testbed.name}`)
  }

  /** Takes up faults that an earlier agent left: ends those whose time is over. Never throws. */
  async resumeFaults(): Promise<void> {
    await this.faults
      .resume()
      .catch((error: Error) => this.options.journal.tell({ type: 'warning', text: `faults: ${error.message}` }))
  }

  /** Ends the verb at work with a reason; the verb undoes what it did unless the reason is that all is taken down. */
  cancel(reason: EzoneError): boolean {
    this.#work?.controller.abort(reason)
    return this.#work !== null
  }

  /** Nothing is left to own: the process may end once its last answer is out. */
  leave(): void {
    this.#done.resolve()
  }

  async expectWhatRuns(): Promise<void> {
    this.#supervisor.expect(await this.#observer.observe(AbortSignal.timeout(10_000)))
  }

  /**
   * A fault ended these, started them again, and has shown that they serve: where all the others are as the last start
   * proved them, the whole is proven again.
   */
  async keepProven(ids: readonly string[]): Promise<void> {
    const { testbed, clock } = this.options
    const started = await readStarted(testbed.folder)
    const observed = await this.#observer.observe(AbortSignal.timeout(10_000))
    const others = observed.filter((o) => o.running && !ids.includes(o.specId))
    if (started === null || !isProven(sightOf(testbed.blueprint, others, started))) return
    await writeStarted(testbed.folder, { ...started, at: new Date(clock.nowMs()).toISOString() })
  }

  async status(signal: AbortSignal): Promise<Status> {
    const { testbed } = this.options
    const [observed, started, boot, linkStates] = await Promise.all([
      this.#observer.observe(signal),
      readStarted(testbed.folder),
      bootId(),
      this.links.states(signal),
    ])
    return statusOf({
      testbed,
      observed,
      agent: process.pid,
      linkStates,
      versions: new Map(Object.entries(started?.versions ?? {})),
      ready: started,
      bootId: boot,
      busyPhase: this.#work?.phase ?? null,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#supervisor[Symbol.asyncDispose]()
    await this.#housekeeper[Symbol.asyncDispose]()
    await this.faults[Symbol.asyncDispose]()
  }

  async #observedPhase(signal: AbortSignal): Promise<Phase> {
    const { testbed } = this.options
    const [observed, started] = await Promise.all([this.#observer.observe(signal), readStarted(testbed.folder)])
    return observedPhase(sightOf(testbed.blueprint, observed, started))
  }
}

export const isVerb = (word: string): word is Verb => (verbs as readonly string[]).includes(word)

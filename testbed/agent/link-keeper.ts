import { EzoneError } from '@ezone/sdk/errors'
import { type FaultReport, linksOf } from '../chaos/fault.ts'
import type { LeaseKeeper } from '../chaos/leases.ts'
import { auditSockets } from '../links/audit.ts'
import { auditCut, type CutAudit } from '../links/audit-cut.ts'
import type { LinkDriver } from '../links/driver.ts'
import { currentLoad } from '../links/load.ts'
import { type MeasuredPath, measure } from '../links/measure.ts'
import { type Path, pathsOf } from '../links/paths.ts'
import { requireAsAsked } from '../links/verdict.ts'
import { containerView } from './container-view.ts'
import type { Journal } from './journal.ts'
import { type CutRequest, directDialsOf, type LinkAnswers, type LinkAudit, linkQueries } from './link-queries.ts'
import { credentialsOf } from './probe-credentials.ts'
import type { Ground } from './runtime-at-hand.ts'
import type { AgentApi } from './server.ts'

export interface LinkKeeperOptions extends Ground {
  readonly journal: Journal
}

/** More than a cut audit ever takes: what ends the cut if the agent dies in the middle of it. */
const auditLeaseMs = 15_000

/** Owns the links of a running testbed: their drivers, their faults, and the proof that they are what they shall be. */
export class LinkKeeper implements LinkAnswers {
  readonly #options: LinkKeeperOptions
  readonly #drivers: ReadonlyMap<string, LinkDriver>
  readonly #leases: LeaseKeeper
  readonly #paths: readonly Path[]
  #auditing = false

  constructor(options: LinkKeeperOptions, drivers: ReadonlyMap<string, LinkDriver>, leases: LeaseKeeper) {
    this.#options = options
    this.#drivers = drivers
    this.#leases = leases
    this.#paths = pathsOf(options.testbed.blueprint)
  }

  /** Gives a link's proxies their latency and the faults in force, and opens them. */
  raise(link: string, signal: AbortSignal): Promise<void> {
    return this.#driver(link).raise(signal)
  }

  async states(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const states = await Promise.all(
      [...this.#drivers].map(async ([name, driver]) => {
        const { state } = await driver.state(signal)
        // Disabled proxies carry no id: without a fault that has them so, somebody was ended while raising them.
        const stray = state === 'refused' && !this.#leases.open.some((fault) => linksOf(fault).includes(name))
        return [name, stray ? 'unknown' : state] as const
      }),
    )
    return new Map(states)
  }

  /** Measures every path; those of links with a fault are in the table too, as they are. */
  async measure(signal: AbortSignal): Promise<readonly MeasuredPath[]> {
    const { testbed, clock } = this.#options
    return (await measure(this.#paths, { credentialsOf: credentialsOf(testbed), clock, signal })).paths
  }

  /**
   * What `up` ends with: every path, as asked. Paths of a link with a fault in force are left out.
   * @throws EZ_LINK_BYPASSED, EZ_LINK_NOT_AS_ASKED
   */
  async prove(signal: AbortSignal): Promise<readonly MeasuredPath[]> {
    const { journal, clock, testbed } = this.#options
    const begin = clock.monotonicMs()
    journal.tell({ type: 'stage', stage: 'measure', state: 'begun', text: '', ms: 0 })
    const faulty = new Set(this.#leases.open.flatMap(linksOf))
    const wanted = this.#paths.filter((path) => path.link === null || !faulty.has(path.link))
    const { paths } = await measure(wanted, { credentialsOf: credentialsOf(testbed), clock, signal })
    requireAsAsked(paths)
    const ms = Math.round(clock.monotonicMs() - begin)
    journal.tell({ type: 'stage', stage: 'measure', state: 'done', text: `${paths.length} paths as asked`, ms })
    return paths
  }

  /**
   * Judges every socket; with `cut` also cuts all links for a moment, which interrupts whatever crosses them.
   * @throws EZ_UNDER_LOAD unless forced, EZ_BUSY where faults are in force or another audit is at work
   */
  async audit(options: { cut: boolean; force: boolean }, signal: AbortSignal): Promise<LinkAudit> {
    const { testbed } = this.#options
    const containers = containerView(this.#options)
    const extraSockets = containers === null ? {} : { extraSockets: containers.sockets }
    const sockets = await auditSockets(testbed.blueprint, { signal, ...extraSockets })
    const dials = await containers?.directDials(signal)
    return {
      ...sockets,
      directDials: dials === undefined ? null : directDialsOf(dials),
      cut: options.cut ? await this.#auditCut(options.force, signal) : null,
    }
  }

  cut({ link, direction, forMs }: CutRequest, signal: AbortSignal): Promise<FaultReport> {
    const plan = { links: [{ link, direction, how: { type: 'drop' as const } }], specs: [] }
    return this.#leases.inject({ kind: 'cut', target: link, direction, plan, forMs }, signal)
  }

  join(link: string): Promise<readonly FaultReport[]> {
    return this.#leases.join(link)
  }

  faults(): readonly FaultReport[] {
    return this.#leases.faults()
  }

  queries(): AgentApi['queries'] {
    return linkQueries(this)
  }

  async #auditCut(force: boolean, signal: AbortSignal): Promise<CutAudit> {
    const { testbed, clock } = this.#options
    const faults = this.faults().filter((fault) => fault.state !== 'ended')
    if (this.#auditing || faults.length > 0) {
      const why = faults[0] === undefined ? 'another audit cuts the links' : `fault ${faults[0].id} is in force`
      throw new EzoneError('EZ_BUSY', `${why}; what a cut shows would not be its own`)
    }
    this.#auditing = true
    try {
      const load = force ? null : await currentLoad(testbed.blueprint, testbed.credentials.mysql.root, signal)
      if (load !== null)
        throw new EzoneError(
          'EZ_UNDER_LOAD',
          `${load.target} answers ${Math.round(load.perSecond)} statements a second`,
        )
      return await auditCut(this.#paths, {
        hold: (until) => this.#leases.hold([...this.#drivers.keys()], auditLeaseMs, until),
        credentialsOf: credentialsOf(testbed),
        clock,
        signal,
      })
    } finally {
      this.#auditing = false
    }
  }

  #driver(link: string): LinkDriver {
    const driver = this.#drivers.get(link)
    if (driver === undefined) throw new EzoneError('EZ_UNKNOWN_LINK', `there is no link ${link}`)
    return driver
  }
}

import { EzoneError } from '@ezone/sdk/errors'
import { auditSockets } from '../links/audit.ts'
import { auditCut, type CutAudit } from '../links/audit-cut.ts'
import { type LinkDriver, linkDrivers } from '../links/driver.ts'
import { currentLoad } from '../links/load.ts'
import { type CredentialsOf, type MeasuredPath, measure } from '../links/measure.ts'
import { type Path, pathsOf } from '../links/paths.ts'
import { requireAsAsked } from '../links/verdict.ts'
import type { Testbed } from '../session/testbed.ts'
import { paths as files } from '../session/testbed.ts'
import { specOf } from '../topology/blueprint.ts'
import { containerView } from './container-view.ts'
import type { FaultReport } from './fault.ts'
import type { Journal } from './journal.ts'
import { type CutRequest, LeaseKeeper } from './leases.ts'
import { directDialsOf, type LinkAnswers, type LinkAudit, linkQueries } from './link-queries.ts'
import { type Ground, runtimeAtHand } from './runtime-at-hand.ts'
import type { AgentApi } from './server.ts'

export interface LinkKeeperOptions extends Ground {
  readonly journal: Journal
}

/** More than a cut audit ever takes: what ends the cut if the agent dies in the middle of it. */
const auditLeaseMs = 15_000

/** Owns the links of a running testbed: their drivers, their faults, and the proof that they are what they shall be. */
export class LinkKeeper implements LinkAnswers, AsyncDisposable {
  readonly #options: LinkKeeperOptions
  readonly #drivers: ReadonlyMap<string, LinkDriver>
  readonly #leases: LeaseKeeper
  readonly #paths: readonly Path[]
  #auditing = false

  private constructor(options: LinkKeeperOptions, drivers: ReadonlyMap<string, LinkDriver>, leases: LeaseKeeper) {
    this.#options = options
    this.#drivers = drivers
    this.#leases = leases
    this.#paths = pathsOf(options.testbed.blueprint)
  }

  static async open(options: LinkKeeperOptions): Promise<LinkKeeper> {
    const { testbed, clock, journal } = options
    const drivers = linkDrivers(testbed.blueprint, { clock, restart: (id, signal) => restart(id, options, signal) })
    const leases = await LeaseKeeper.open({
      file: files.leases(testbed.folder),
      clock,
      drivers,
      paths: pathsOf(testbed.blueprint),
      credentialsOf: credentialsOf(testbed),
      tell: journal.tell,
    })
    return new LinkKeeper(options, drivers, leases)
  }

  /** Gives a link's proxies their latency and the faults in force, and opens them. */
  raise(link: string, signal: AbortSignal): Promise<void> {
    return this.#driver(link).raise(signal)
  }

  /** Takes up faults that an earlier agent left. */
  resume(): Promise<void> {
    return this.#leases.resume(AbortSignal.timeout(30_000))
  }

  /** Before servers are stopped: faults end with the links they were on. */
  endAll(): Promise<void> {
    return this.#leases.endAll('stop')
  }

  async states(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const states = await Promise.all(
      [...this.#drivers].map(async ([name, driver]) => [name, (await driver.state(signal)).state] as const),
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
    const faulty = new Set(
      this.faults()
        .filter((fault) => fault.state !== 'ended')
        .map((fault) => fault.target),
    )
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

  cut(request: CutRequest, signal: AbortSignal): Promise<FaultReport> {
    return this.#leases.cut(request, signal)
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.#leases[Symbol.asyncDispose]()
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

/** Probes log in as services do. */
const credentialsOf =
  ({ credentials }: Testbed): CredentialsOf =>
  ({ protocol }) => {
    if (protocol === 'mysql') return { user: credentials.mysql.app.user, password: credentials.mysql.app.password }
    return protocol === 'redis' ? { password: credentials.redis.password } : {}
  }

/** The last resort against a Toxiproxy that hangs. The driver gives it its proxies and faults again. */
async function restart(id: string, options: LinkKeeperOptions, signal: AbortSignal): Promise<void> {
  const spec = specOf(options.testbed.blueprint, id)
  if (spec === undefined) throw new TypeError(`there is no ${id} in the blueprint`)
  const runtime = await runtimeAtHand(options, signal)
  await runtime.stop(id, { graceMs: 0, signal })
  await runtime.start(spec, signal)
  options.journal.tell({ type: 'warning', text: `${id} hung and was restarted` })
}

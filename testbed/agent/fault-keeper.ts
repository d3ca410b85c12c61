import { EzoneError } from '@ezone/sdk/errors'
import type { FaultReport } from '../chaos/fault.ts'
import { type BlastRadius, blastRadius, wishOf } from '../chaos/kinds.ts'
import { LeaseKeeper } from '../chaos/leases.ts'
import { LinkActs } from '../chaos/link-acts.ts'
import type { FaultRequest } from '../chaos/request.ts'
import { SpecActs, type SpecActsOptions } from '../chaos/spec-acts.ts'
import { type LinkDriver, linkDrivers } from '../links/driver.ts'
import { pathsOf } from '../links/paths.ts'
import { paths as files } from '../session/testbed.ts'
import { specOf } from '../topology/blueprint.ts'
import type { Journal } from './journal.ts'
import { credentialsOf } from './probe-credentials.ts'
import { type Ground, runtimeAtHand } from './runtime-at-hand.ts'

export interface FaultKeeperOptions extends Ground, Pick<SpecActsOptions, 'observer' | 'supervision'> {
  readonly journal: Journal
  /** Throws while a verb is at work. */
  readonly guard: () => void
}

const resumeMs = 30_000

/** The faults of a running testbed, of every kind. */
export class FaultKeeper implements AsyncDisposable {
  readonly leases: LeaseKeeper
  readonly drivers: ReadonlyMap<string, LinkDriver>
  readonly #options: FaultKeeperOptions

  private constructor(options: FaultKeeperOptions, drivers: ReadonlyMap<string, LinkDriver>, leases: LeaseKeeper) {
    this.#options = options
    this.drivers = drivers
    this.leases = leases
  }

  static async open(options: FaultKeeperOptions): Promise<FaultKeeper> {
    const { testbed, clock, journal, guard } = options
    const drivers = linkDrivers(testbed.blueprint, { clock, restart: (id, signal) => restart(id, options, signal) })
    const common = { clock, paths: pathsOf(testbed.blueprint), credentialsOf: credentialsOf(testbed) }
    const runtime = (signal: AbortSignal) => runtimeAtHand(options, signal)
    const leases = await LeaseKeeper.open({
      file: files.leases(testbed.folder),
      clock,
      links: new LinkActs({ ...common, drivers }),
      specs: new SpecActs({ ...common, ...options, runtime }),
      tell: journal.tell,
      guard,
    })
    return new FaultKeeper(options, drivers, leases)
  }

  /** What a fault would change. @throws as `inject` does of a request that means nothing here */
  plan(request: FaultRequest): BlastRadius {
    const { blueprint } = this.#options.testbed
    return blastRadius(wishOf(request, blueprint), blueprint)
  }

  /** @throws EZ_USAGE, EZ_LEASE_TOO_LONG, EZ_UNKNOWN_…, EZ_FAULT_CONFLICT, EZ_TARGET_DEAD, EZ_LINK_UNCONTROLLED */
  async inject(request: FaultRequest, signal: AbortSignal): Promise<FaultReport> {
    return this.leases.inject(wishOf(request, this.#options.testbed.blueprint), signal)
  }

  /** @throws EZ_UNKNOWN_FAULT, EZ_FAULT_NOT_REMOVED */
  async heal(ids: readonly string[] | null): Promise<readonly FaultReport[]> {
    const known = new Set(this.leases.faults().map(({ id }) => id))
    const unknown = ids?.find((id) => !known.has(id))
    if (unknown !== undefined) throw new EzoneError('EZ_UNKNOWN_FAULT', `there is no fault ${unknown}`)
    return this.leases.heal(ids)
  }

  /** Takes up faults that an earlier agent left. */
  resume(): Promise<void> {
    return this.leases.resume(AbortSignal.timeout(resumeMs))
  }

  /** Before servers are stopped: faults end with what they were on. */
  endAll(): Promise<void> {
    return this.leases.endAll('stop')
  }

  /**
   * Before servers are started: whoever was killed on purpose shall stay dead. Those whose time is over are waited for.
   * @throws EZ_FAULT_CONFLICT
   */
  async requireNothingKilled(): Promise<void> {
    await this.leases.settled()
    const fault = this.leases.open.find(({ plan, state }) => plan.specs.length > 0 && state !== 'ending')
    if (fault)
      throw new EzoneError(
        'EZ_FAULT_CONFLICT',
        `fault ${fault.id} (${fault.kind} of ${fault.target}) is in force: what it keeps from running is not started`,
      )
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leases[Symbol.asyncDispose]()
  }
}

/** The last resort against a Toxiproxy that hangs. The driver gives it its proxies and faults again. */
async function restart(id: string, options: FaultKeeperOptions, signal: AbortSignal): Promise<void> {
  const spec = specOf(options.testbed.blueprint, id)
  if (spec === undefined) throw new TypeError(`there is no ${id} in the blueprint`)
  const runtime = await runtimeAtHand(options, signal)
  await runtime.stop(id, { graceMs: 0, signal })
  await runtime.start(spec, signal)
  options.journal.tell({ type: 'warning', text: `${id} hung and was restarted` })
}

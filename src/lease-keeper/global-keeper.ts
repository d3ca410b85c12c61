import { EzoneError, fenceLimits, type GlobalAck, type KeptAside, type ServiceContext } from '@ezone/sdk'
import { GlobalServer, type KeepAside } from '@ezone/sdk/dal'
import { type Zookeeper, ZookeeperError } from '@ezone/sdk/zookeeper'
import { Coverer } from './coverer.ts'
import { GlobalTruth, type HeldZone } from './global-truth.ts'
import { keepAside } from './keep-aside.ts'
import { limits } from './limits.ts'
import { thawGlobal } from './thaw-global.ts'
import { Waker } from './waker.ts'

type Told = Omit<GlobalAck, 'atMs' | 'keptAside'>

/**
 * Makes the zone's server of the Global Zone what the truth says it is: the master, stopped, or a replica of the master;
 * and says so. It looks at what is, not at what happened: a round after a crash does what the one before it did not.
 */
export class GlobalKeeper implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #zone: string
  readonly #server: GlobalServer
  readonly #truth: GlobalTruth
  readonly #waker = new Waker()
  readonly #coverer: Coverer
  #told: Told | undefined
  #acknowledged = ''
  #keptAside: KeptAside | null | undefined
  #leaseAtMs = Number.NEGATIVE_INFINITY
  #leaseUntilMs = 0
  #trouble = 'the truth has not been read yet'

  constructor(context: ServiceContext, zone: string, zookeeper: Zookeeper) {
    this.#context = context
    this.#zone = zone
    const { config, clock, log, signal } = context
    const members = config.stores.global?.members ?? {}
    const own = members[zone]
    if (own === undefined) throw new TypeError(`the Global Zone has no member ${zone}`)
    this.#server = GlobalServer.open({ own, clock })
    this.#truth = new GlobalTruth({ config, log, signal, zone, zookeeper, onChange: () => this.#waker.wake() })
    this.#coverer = new Coverer({ context, zone, server: this.#server, truth: this.#truth })
  }

  /** @throws EZ_NOT_READY until its role has been made once */
  requireRole(): void {
    if (this.#told === undefined)
      throw new EzoneError('EZ_NOT_READY', `the global MySQL of ${this.#zone} has no role yet: ${this.#trouble}`)
  }

  async run(): Promise<void> {
    const { signal, log } = this.#context
    while (!signal.aborted) {
      const since = this.#waker.times
      const ms = await this.#round().catch((error: unknown) => {
        const trouble = error instanceof Error ? error.message : String(error)
        if (trouble !== this.#trouble && !signal.aborted) log.warn({ err: error }, 'the global MySQL has not its role')
        this.#trouble = trouble
        return limits.roleRetryMs
      })
      await this.#waker.wait(since, ms, signal)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#truth[Symbol.asyncDispose]()
    await this.#coverer[Symbol.asyncDispose]()
    await this.#server[Symbol.asyncDispose]()
  }

  /** Returns after how long it shall be looked again. */
  async #round(): Promise<number> {
    const held = this.#truth.held
    if (held === undefined) return limits.roleMs
    if (this.#keptAside === undefined) this.#keptAside = (await this.#truth.lastAck())?.keptAside ?? null
    const { master, state } = held.value
    if (master !== this.#zone) return this.#follow(held)
    return state === 'ACTIVE' ? this.#lead(held) : this.#stop(held)
  }

  async #lead(held: HeldZone): Promise<number> {
    const { covered, epoch } = held.value
    if (!(await this.#renew(held))) return limits.roleRetryMs
    const others = this.#coverer.others.length
    await this.#server.lead({ covered, others, untilMs: this.#leaseUntilMs }, this.#context.signal)
    await this.#acknowledge({ epoch, role: 'master', following: true, executed: null, drained: 0, trouble: '' })
    await this.#coverer.look(held)
    return limits.masterLookMs
  }

  /**
   * The lease of the server, by a write to a majority under the record that makes it the master. It counts from the
   * moment the question was sent. Where it is not to be had the one in the server runs out.
   */
  async #renew(held: HeldZone): Promise<boolean> {
    const { clock } = this.#context
    const sentAtMs = clock.monotonicMs()
    if (sentAtMs - this.#leaseAtMs < fenceLimits.leaseExtendMs && this.#told?.role === 'master') return true
    const untilMs = clock.nowMs() + fenceLimits.leaseMs
    try {
      await this.#truth.renewLease(held, untilMs)
    } catch (error) {
      // The record has changed a moment ago: it is on its way here.
      if (ZookeeperError.is(error, 'BAD_VERSION')) return false
      throw error
    }
    this.#leaseAtMs = sentAtMs
    this.#leaseUntilMs = untilMs
    return true
  }

  async #stop(held: HeldZone): Promise<number> {
    const { epoch, state } = held.value
    this.#coverer.forget()
    const executed = await this.#server.stop(state === 'TAKEOVER' ? 'hard' : 'planned', this.#context.signal)
    await this.#acknowledge({ epoch, role: 'stopped', following: false, executed, drained: 0, trouble: '' })
    await thawGlobal({ ...this.#context, zone: this.#zone, truth: this.#truth }, held)
    return limits.roleRetryMs
  }

  async #follow(held: HeldZone): Promise<number> {
    const { epoch, master, state, move } = held.value
    const { config, signal } = this.#context
    this.#coverer.forget()
    const at = config.stores.global?.members[master]
    if (at === undefined) throw new EzoneError('EZ_UNKNOWN_ZONE', `the Global Zone has no member ${master}`)
    const aside: KeepAside = async (gtids, rows) => {
      this.#keptAside = await keepAside({ ...this.#context, epoch }, gtids, rows)
    }
    const followed = await this.#server.follow({ master, at, keepAside: aside }, signal)
    const barrier = state === 'DRAINING' && move?.to === this.#zone ? move.barrier : null
    const drained = barrier !== null && (await this.#server.has(barrier, limits.globalDrainWaitMs, signal))
    await this.#acknowledge({ epoch, role: 'replica', ...followed, executed: null, drained: drained ? epoch : 0 })
    if (barrier !== null && !drained) return limits.drainLookMs
    return followed.following ? limits.roleMs : limits.roleRetryMs
  }

  /** Says what is, where it is not what was said last. */
  async #acknowledge(told: Told): Promise<void> {
    const { clock, log } = this.#context
    const ack = { ...told, keptAside: this.#keptAside ?? null }
    const text = JSON.stringify(ack)
    if (told.role !== this.#told?.role || told.epoch !== this.#told.epoch)
      log.info({ epoch: told.epoch, role: told.role, trouble: told.trouble }, 'the global MySQL has its role')
    this.#told = told
    this.#trouble = told.trouble
    if (text === this.#acknowledged) return
    await this.#truth.acknowledge({ ...ack, atMs: clock.nowMs() })
    this.#acknowledged = text
  }
}

import {
  applyGlobalStep,
  EzoneError,
  fenceLimits,
  type GlobalMove,
  type GlobalMoveAccepted,
  type GlobalMoveRequest,
  type GlobalZone,
  type ServiceContext,
  truthPaths,
  withStep,
} from '@ezone/sdk'
import { ZookeeperError } from '@ezone/sdk/zookeeper'
import { type GlobalDecision, nextGlobalStep } from './global-next.ts'
import type { GlobalTruth, HeldZone } from './global-truth.ts'
import { limits } from './limits.ts'
import { noMajority } from './truth.ts'

export interface GlobalMoverOptions extends Pick<ServiceContext, 'config' | 'log' | 'clock' | 'signal'> {
  readonly truth: GlobalTruth
  /** GZS instances with a session, such as `edge-1`. */
  readonly alive: () => ReadonlySet<string>
  /** Told right before and after each step is recorded, as `global-freeze`. For tests that end the process there. */
  readonly onStep?: (when: 'before' | 'after', step: string) => void
}

/** After so long no write can come any more from a master that was never asked: its lease, and what it let through. */
const seizeMs = fenceLimits.leaseMs + fenceLimits.driftMsMax + fenceLimits.lateWriteMs

/**
 * Moves the master of the Global Zone. It only changes the truth; the lease-keepers do what the truth says and acknowledge
 * it. Nothing of a move is in memory alone: whoever reads the truth can go on with it.
 */
export class GlobalMover {
  readonly id: string
  readonly #options: GlobalMoverOptions
  /** When this mover first saw the present epoch, monotonic. */
  #seen = { epoch: 0, atMs: 0 }

  constructor(options: GlobalMoverOptions) {
    this.#options = options
    this.id = `${options.config.place}-${options.config.instance}`
  }

  /**
   * Records a move and its first step. Where the same move runs already it is that one.
   * @throws EZ_UNKNOWN_ZONE, EZ_MOVE_RUNNING, EZ_ZONE_UNREACHABLE, EZ_GLOBAL_BEHIND, EZ_NOT_READY, EZ_NO_MAJORITY
   */
  async begin(request: GlobalMoveRequest, id: string, signal: AbortSignal): Promise<GlobalMoveAccepted> {
    const { truth, config, log } = this.#options
    if (!config.zones.some(({ name }) => name === request.to))
      throw new EzoneError('EZ_UNKNOWN_ZONE', `there is no zone ${request.to}`)
    for (let tries = 0; tries < limits.triesMax; tries++) {
      await truth.fresh(signal)
      try {
        return await this.#begin(request, id)
      } catch (error) {
        // Somebody was faster, or the answer was lost: the truth knows, so it is read again.
        if (!ZookeeperError.is(error)) throw error
        log.info({ err: error }, 'the move of the global master is tried again')
      }
    }
    throw noMajority(`the truth could not be changed in ${limits.triesMax} tries`)
  }

  async #begin(request: GlobalMoveRequest, id: string): Promise<GlobalMoveAccepted> {
    const { truth, clock, onStep } = this.#options
    const { to, mode, who, why } = request
    const held = truth.held
    const { master, state, covered, move: last } = held.value
    // It was recorded in an earlier try whose answer was lost.
    if (last?.id === id) return { id, joined: false }
    if (last?.outcome === null) return joined(last, request)
    if (master === to) return { id: null, joined: false }
    if (state !== 'ACTIVE') throw new EzoneError('EZ_BUG', `the Global Zone is ${state} and nobody moves it`)
    await this.#require(held.value, request)
    const step = mode === 'planned' ? 'freeze' : 'seize'
    const nowMs = clock.nowMs()
    const ms = mode === 'planned' ? limits.plannedMs : limits.takeoverMs + (covered ? 0 : seizeMs)
    const open = { barrier: null, outcome: null, endedAtMs: null, reason: null }
    const known = { id, from: master, to, mode, who, why, covered, controller: this.id }
    const move: GlobalMove = { ...known, ...open, steps: [{ step, atMs: nowMs }], expiresAtMs: nowMs + ms }
    onStep?.('before', `global-${step}`)
    await truth.change(held, applyGlobalStep(held.value, step, move))
    onStep?.('after', `global-${step}`)
    return { id, joined: false }
  }

  /** Nothing is begun with a zone that cannot answer, and no acknowledged write is given up unasked. */
  async #require(zone: GlobalZone, { to, mode, acceptLoss }: GlobalMoveRequest): Promise<void> {
    const { truth, config } = this.#options
    for (const each of mode === 'planned' ? [zone.master, to] : [to]) await this.#requireKeeper(each)
    const target = truth.acks.get(to)
    if (target?.epoch !== zone.epoch || target.role !== 'replica')
      throw new EzoneError('EZ_ZONE_UNREACHABLE', `${to} is no replica of ${zone.master} yet`)
    // Nobody writes while the rest is fetched: so there must be hardly any.
    if (mode === 'planned' && !zone.covered)
      throw new EzoneError(
        'EZ_GLOBAL_BEHIND',
        `${to} is behind ${zone.master}${target.trouble && `: ${target.trouble}`}`,
      )
    if (mode === 'hard' && !zone.covered && !acceptLoss && config.policy === 'strict')
      throw new EzoneError(
        'EZ_GLOBAL_BEHIND',
        `${zone.master} has acknowledged writes that ${to} may not have, and the policy is strict`,
      )
  }

  async #requireKeeper(zone: string): Promise<void> {
    const { truth, clock } = this.#options
    const stat = await truth.zookeeper.exists(`${truthPaths.leases}/${zone}`)
    const silentMs = stat === null ? null : clock.nowMs() - stat.changedAtMs
    if (silentMs !== null && silentMs < limits.silentMs) return
    const since = silentMs === null ? 'never' : `${Math.round(silentMs / 1000)} s ago`
    throw new EzoneError('EZ_ZONE_UNREACHABLE', `the lease-keeper of ${zone} was last heard of ${since}`, {
      hint: 'Nothing was begun. `ezone status` and `ezone links` say why; a lost master is left with --hard.',
    })
  }

  /** Until the signal: brings the move to its end if it is this mover's, or nobody's any more. */
  async run(): Promise<void> {
    const { truth, signal, log, clock } = this.#options
    while (!signal.aborted) {
      const { revision } = truth.changed
      const untilMs = await this.#round().catch((error: unknown) => {
        if (!signal.aborted)
          log.warn({ err: error }, 'the move of the global master could not go on; it is tried again')
        return clock.nowMs() + limits.retryMs
      })
      await truth.changed.wait(revision, untilMs - clock.nowMs(), signal)
    }
  }

  /** Returns when to look again though nothing has changed. */
  async #round(): Promise<number> {
    const { truth, clock } = this.#options
    const nextMs = clock.nowMs() + limits.sessionMs
    if (!truth.known) return nextMs
    const held = truth.held
    const { move, epoch } = held.value
    if (this.#seen.epoch !== epoch) this.#seen = { epoch, atMs: clock.monotonicMs() }
    if (move === null || move.outcome !== null || !this.#isMine(move)) return nextMs
    const quietMs = clock.monotonicMs() - this.#seen.atMs
    const view = { zone: held.value, move, acks: truth.acks, nowMs: clock.nowMs(), quietMs, seizeMs }
    const decision = nextGlobalStep(view)
    if (decision.kind === 'wait') return Math.min(nextMs, decision.untilMs)
    await this.#act(held, move, decision)
    return nextMs
  }

  /** A move of a controller without a session is everybody's, and so is one that should be over by now. */
  #isMine({ controller, expiresAtMs }: GlobalMove): boolean {
    const { clock, alive } = this.#options
    const late = clock.nowMs() > expiresAtMs + limits.sessionMs
    return controller === this.id || late || (alive().size > 0 && !alive().has(controller))
  }

  async #act(held: HeldZone, move: GlobalMove, decision: Exclude<GlobalDecision, { kind: 'wait' }>): Promise<void> {
    const { truth, clock, log, onStep, signal } = this.#options
    const step = decision.kind === 'step' ? decision.step : decision.outcome
    const atMs = clock.nowMs()
    const mine = { controller: this.id }
    onStep?.('before', `global-${step}`)
    try {
      if (decision.kind === 'end') {
        const { outcome, reason } = decision
        const after = withStep(move, step, atMs, { ...mine, outcome, reason, endedAtMs: atMs })
        await truth.change(held, { ...held.value, move: after })
      } else {
        const over = { outcome: 'rolled-back', endedAtMs: atMs, reason: decision.reason ?? null } as const
        const changes = { ...mine, ...(decision.step === 'roll-back' && over) }
        const after = withStep(move, step, atMs, { ...changes, barrier: decision.barrier ?? move.barrier })
        await truth.change(held, applyGlobalStep(held.value, decision.step, after))
      }
    } catch (error) {
      // Another controller was faster: what it wrote is on its way here.
      if (!ZookeeperError.is(error, 'BAD_VERSION')) throw error
      await truth.fresh(signal)
      return
    }
    log.info({ step, from: move.from, to: move.to, id: move.id }, 'a step of a move of the global master')
    onStep?.('after', `global-${step}`)
  }
}

function joined(running: GlobalMove, request: GlobalMoveRequest): GlobalMoveAccepted {
  const { id, from, to, mode } = running
  if (to !== request.to || mode !== request.mode)
    throw new EzoneError('EZ_MOVE_RUNNING', `the global master is being moved from ${from} to ${to} (${mode}) already`)
  return { id, joined: true }
}

import {
  EzoneError,
  fenceLimits,
  type MoveAccepted,
  type MoveRequest,
  type MoveStep,
  planMove,
  type ServiceContext,
  type ShardEntry,
  type ShardMove,
  truthPaths,
} from '@ezone/sdk'
import { ZookeeperError } from '@ezone/sdk/zookeeper'
import { recordMove, recordStep } from './edits.ts'
import { limits } from './limits.ts'
import { type Decision, nextStep } from './next-step.ts'
import { type Held, noMajority, type Truth } from './truth.ts'

export interface MoverOptions extends Pick<ServiceContext, 'config' | 'log' | 'clock' | 'signal'> {
  readonly truth: Truth
  /** Told right before and after each step is recorded. For tests that end the process there. */
  readonly onStep?: (when: 'before' | 'after', step: string) => void
}

/**
 * Moves shards. It only changes the truth; the lease-keepers of the zones do what the truth says and acknowledge it.
 * Nothing of a move is in memory alone: whoever reads the truth can go on with it.
 */
export class Mover {
  readonly id: string
  readonly #options: MoverOptions
  /** When this mover first saw a shard under its present epoch, monotonic. */
  readonly #seen = new Map<number, { readonly epoch: number; readonly atMs: number }>()

  constructor(options: MoverOptions) {
    this.#options = options
    this.id = `${options.config.place}-${options.config.instance}`
  }

  /**
   * Records a move and its first step. Where the same move runs already it is that one.
   * @throws EZ_UNKNOWN_SHARD, EZ_UNKNOWN_ZONE, EZ_MOVE_RUNNING, EZ_NOT_SETTLED, EZ_ZONE_UNREACHABLE, EZ_NO_MAJORITY
   */
  async begin(request: MoveRequest, id: string, signal: AbortSignal): Promise<MoveAccepted> {
    for (let tries = 0; tries < limits.triesMax; tries++) {
      await this.#options.truth.fresh(signal)
      if (request.mode === 'planned') await this.#settled(request, signal)
      try {
        const accepted = await this.#begin(request, id)
        if (accepted !== undefined) return accepted
      } catch (error) {
        // Somebody was faster, or the answer was lost: the truth knows, so it is read again.
        if (!ZookeeperError.is(error)) throw error
        this.#options.log.info({ err: error, shard: request.shard }, 'the move is tried again')
      }
    }
    throw noMajority(`the truth could not be changed in ${limits.triesMax} tries`)
  }

  /** Undefined where table and moves were read with a step between them. */
  async #begin(request: MoveRequest, id: string): Promise<MoveAccepted | undefined> {
    const { truth, config } = this.#options
    const { shard, to, mode } = request
    const table = truth.table
    const entry = table.value.shards.find((s) => s.shard === shard)
    if (entry === undefined) throw new EzoneError('EZ_UNKNOWN_SHARD', `the routing table has no shard ${shard}`)
    if (!config.zones.some(({ name }) => name === to)) throw new EzoneError('EZ_UNKNOWN_ZONE', `there is no zone ${to}`)
    const was = truth.moves.get(shard)
    // It was recorded in an earlier try whose answer was lost.
    if (was?.value.id === id) return { id, shard, joined: false }
    if (was?.value.outcome === null) return joined(was.value, request)
    if (entry.state !== 'ACTIVE') return undefined
    if (entry.zone === to) return { id: null, shard, joined: false }
    if (mode === 'planned') this.#requireSettled(entry)
    await this.requireKeepers(mode === 'planned' ? [entry.zone, to] : [to])
    const [step] = planMove(mode)
    const move = this.#first({ ...request, id, from: entry.zone, step })
    const details = { move: { id, to, expiresAtMs: move.expiresAtMs } }
    this.#options.onStep?.('before', step)
    await recordStep(truth, { table, move, was, step, details })
    this.#options.onStep?.('after', step)
    return { id, shard, joined: false }
  }

  #first({ step, ...move }: MoveRequest & { id: string; from: string; step: MoveStep }): ShardMove {
    const nowMs = this.#options.clock.nowMs()
    const ms = move.mode === 'planned' ? limits.plannedMs : this.#seizeMs + limits.takeoverMs
    const open = { barrier: null, outcome: null, endedAtMs: null, reason: null }
    const steps = [{ step, atMs: nowMs }]
    return { ...move, ...open, step, steps, expiresAtMs: nowMs + ms, controller: this.id }
  }

  /** A shard that was taken is not given on while changes made behind its owner's back may still come. */
  #requireSettled(entry: ShardEntry): void {
    if (this.#isSettled(entry)) return
    const { shard, zone, takenEpoch } = entry
    throw new EzoneError(
      'EZ_NOT_SETTLED',
      `${zone} took shard ${shard} under epoch ${takenEpoch} and may not have all yet that was written elsewhere before`,
    )
  }

  /** @throws EZ_NOT_SETTLED where one of them is not, and will not be in a moment */
  async requireAllSettled(entries: readonly ShardEntry[], signal: AbortSignal): Promise<void> {
    await Promise.all(entries.map(({ shard }) => this.#settled({ shard, to: '' }, signal)))
    const { table } = this.#options.truth
    for (const { shard } of entries) {
      const entry = table.value.shards.find((s) => s.shard === shard)
      if (entry !== undefined) this.#requireSettled(entry)
    }
  }

  /** Shards that were taken, and of which more may be on its way. */
  get unsettled(): readonly ShardEntry[] {
    return this.#options.truth.table.value.shards.filter((entry) => !this.#isSettled(entry))
  }

  #isSettled({ shard, zone, takenEpoch }: ShardEntry): boolean {
    return takenEpoch === undefined || this.#options.truth.fences.get(zone)?.settled[shard] === takenEpoch
  }

  /** Waits for it a moment: where all zones are well a takeover is settled within seconds. */
  async #settled({ shard, to }: Pick<MoveRequest, 'shard' | 'to'>, signal: AbortSignal): Promise<void> {
    const { truth, clock } = this.#options
    const endMs = clock.monotonicMs() + limits.settleMs
    for (;;) {
      const { revision } = truth.changed
      const entry = truth.table.value.shards.find((s) => s.shard === shard)
      const leftMs = endMs - clock.monotonicMs()
      if (entry === undefined || entry.zone === to || this.#isSettled(entry) || leftMs <= 0 || signal.aborted) return
      await truth.changed.wait(revision, leftMs, signal)
    }
  }

  /** Nothing is frozen for a zone that cannot answer. */
  async requireKeepers(zones: readonly string[]): Promise<void> {
    const { truth, clock } = this.#options
    for (const zone of zones) {
      const stat = await truth.zookeeper.exists(`${truthPaths.leases}/${zone}`)
      const silentMs = stat === null ? null : clock.nowMs() - stat.changedAtMs
      if (silentMs !== null && silentMs < limits.silentMs) continue
      const since = silentMs === null ? 'never' : `${Math.round(silentMs / 1000)} s ago`
      throw new EzoneError('EZ_ZONE_UNREACHABLE', `the lease-keeper of ${zone} was last heard of ${since}`, {
        hint: 'Nothing was frozen. `ezone status` and `ezone links` say why; a lost zone is left with --takeover.',
      })
    }
  }

  /** Until the signal: brings every move to its end that is this mover's, or nobody's any more. */
  async run(): Promise<void> {
    const { truth, signal, log, clock } = this.#options
    while (!signal.aborted) {
      const { revision } = truth.changed
      const untilMs = await this.#round().catch((error: unknown) => {
        if (!signal.aborted) log.warn({ err: error }, 'a move could not go on; the truth is read again')
        return clock.nowMs() + limits.retryMs
      })
      await truth.changed.wait(revision, untilMs - clock.nowMs(), signal)
    }
  }

  /** Returns when to look again though nothing has changed. */
  async #round(): Promise<number> {
    const { truth, clock } = this.#options
    let untilMs = clock.nowMs() + limits.sessionMs
    if (!truth.known) return untilMs
    for (const held of truth.moves.values()) {
      if (held.value.outcome !== null) continue
      // Of everybody's moves: who goes on with one has watched it from its first step.
      const quietMs = this.#quietMs(held.value.shard)
      if (!this.#isMine(held.value)) continue
      const decision = await this.#decideSurely(held.value, quietMs)
      if (decision.kind === 'wait') untilMs = Math.min(untilMs, decision.untilMs)
      else await this.#act(held, decision)
    }
    return untilMs
  }

  /** A move of a controller without a session is everybody's, and so is one that should be over by now. */
  #isMine({ controller, expiresAtMs }: ShardMove): boolean {
    return this.#options.clock.nowMs() > expiresAtMs + limits.sessionMs || this.drives(controller)
  }

  /** What this controller began is this GZS's: as it is that one, or as that one has no session any more. */
  drives(controller: string): boolean {
    const { alive } = this.#options.truth
    return controller === this.id || (alive.size > 0 && !alive.has(controller))
  }

  /** A lease is over where it was not extended up to now: not where this GZS has not heard of it. */
  async #decideSurely(move: ShardMove, quietMs: number): Promise<Decision> {
    const { truth, signal, config } = this.#options
    // No lease is extended under a table that has been replaced, so the last extension was before the seizing.
    const silentMs = () => (config.policy === 'strict' ? Math.max(quietMs, truth.silentMs(move.from)) : quietMs)
    const decision = this.#decide(move, silentMs())
    const bySilence =
      decision.kind === 'step' && decision.step === 'serve' && this.#decide(move, quietMs).kind === 'wait'
    if (!bySilence) return decision
    await truth.fresh(signal)
    return this.#decide(move, silentMs())
  }

  #decide(move: ShardMove, quietMs: number): Decision {
    const { truth, clock } = this.#options
    const { fences } = truth
    return nextStep({
      table: truth.table.value,
      move,
      fences,
      nowMs: clock.nowMs(),
      quietMs,
      seizeMs: this.#seizeMs,
    })
  }

  /** For how long this mover has known the shard under its present epoch. */
  #quietMs(shard: number): number {
    const { truth, clock } = this.#options
    const epoch = truth.table.value.shards.find((s) => s.shard === shard)?.epoch ?? 0
    const seen = this.#seen.get(shard)
    const first = seen?.epoch === epoch ? seen : { epoch, atMs: clock.monotonicMs() }
    this.#seen.set(shard, first)
    return clock.monotonicMs() - first.atMs
  }

  get #seizeMs(): number {
    if (this.#options.config.policy === 'available') return limits.stopMs
    return fenceLimits.leaseMs + fenceLimits.driftMsMax + fenceLimits.lateWriteMs
  }

  async #act(held: Held<ShardMove>, decision: Exclude<Decision, { kind: 'wait' }>): Promise<void> {
    const { truth, clock, log, onStep } = this.#options
    const step = decision.kind === 'step' ? decision.step : decision.outcome
    const atMs = clock.nowMs()
    const steps = [...held.value.steps, { step, atMs }]
    const move: ShardMove = { ...held.value, steps, controller: this.id }
    onStep?.('before', step)
    try {
      if (decision.kind === 'end') {
        await recordMove(truth, held, { ...move, outcome: decision.outcome, endedAtMs: atMs, reason: decision.reason })
      } else {
        const { barrier = null, reason = null } = decision
        const over = decision.step === 'roll-back' ? { outcome: 'rolled-back' as const, endedAtMs: atMs, reason } : {}
        const after = { ...move, ...over, step: decision.step, barrier: barrier ?? move.barrier }
        const details = barrier === null ? {} : { barrier }
        await recordStep(truth, { table: truth.table, move: after, was: held, step: decision.step, details })
      }
    } catch (error) {
      // Another controller was faster: what it wrote is on its way here.
      if (!ZookeeperError.is(error, 'BAD_VERSION', 'NODE_EXISTS')) throw error
      await truth.fresh(this.#options.signal)
      return
    }
    log.info({ shard: move.shard, step, from: move.from, to: move.to, id: move.id }, 'a step of a move')
    onStep?.('after', step)
  }
}

function joined(running: ShardMove, request: MoveRequest): MoveAccepted {
  const { id, shard, from, to, mode } = running
  if (to !== request.to || mode !== request.mode)
    throw new EzoneError('EZ_MOVE_RUNNING', `shard ${shard} is being moved from ${from} to ${to} (${mode}) already`)
  return { id, shard, joined: true }
}

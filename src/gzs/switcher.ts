import {
  EzoneError,
  type ServiceContext,
  type ShardEntry,
  type SwitchAccepted,
  type SwitchPart,
  type SwitchRequest,
  switchMoveId,
  type ZoneSwitch,
} from '@ezone/sdk'
import { ZookeeperError } from '@ezone/sdk/zookeeper'
import { createSwitch, recordSwitch } from './edits.ts'
import { limits } from './limits.ts'
import type { Mover } from './mover.ts'
import { nextOfSwitch } from './next-of-switch.ts'
import { type Held, noMajority, type Truth } from './truth.ts'

export interface SwitcherOptions extends Pick<ServiceContext, 'config' | 'log' | 'clock' | 'signal'> {
  readonly truth: Truth
  readonly mover: Mover
  /** Told right before and after each change of a switch is recorded. For tests that end the process there. */
  readonly onStep?: (when: 'before' | 'after', step: string) => void
}

/**
 * Moves the shards of a zone, a few at a time. Nothing of a switch is in memory alone: whoever reads the truth can go on
 * with it, and as the move of a shard has an id that follows from the switch's, two that do so do not do it twice.
 */
export class Switcher {
  readonly #options: SwitcherOptions

  constructor(options: SwitcherOptions) {
    this.#options = options
  }

  /**
   * Records a switch. Where the same runs already it is that one.
   * @throws EZ_UNKNOWN_ZONE, EZ_UNKNOWN_SHARD, EZ_SWITCH_RUNNING, EZ_MOVE_RUNNING, EZ_NOT_SETTLED, EZ_ZONE_UNREACHABLE,
   * EZ_NO_MAJORITY
   */
  async begin(request: SwitchRequest, signal: AbortSignal): Promise<SwitchAccepted> {
    const { truth, log } = this.#options
    for (let tries = 0; tries < limits.triesMax; tries++) {
      await truth.fresh(signal)
      try {
        return await this.#begin(request, signal)
      } catch (error) {
        // Somebody was faster, or the answer was lost: the truth knows, so it is read again.
        if (!ZookeeperError.is(error)) throw error
        log.info({ err: error, from: request.from }, 'the switch is tried again')
      }
    }
    throw noMajority(`the truth could not be changed in ${limits.triesMax} tries`)
  }

  async #begin(request: SwitchRequest, signal: AbortSignal): Promise<SwitchAccepted> {
    const { truth, mover, clock } = this.#options
    const last = truth.lastSwitch
    const entries = this.#entries(request)
    if (last !== undefined && last.value.outcome === null) return joined(last.value, request)
    const leaving = entries.filter(({ zone }) => zone !== request.to)
    if (leaving.length === 0) return { id: null, joined: false }
    const planned = request.mode === 'planned'
    await mover.requireKeepers(planned ? [request.from, request.to] : [request.to])
    if (planned) await mover.requireAllSettled(leaving, signal)
    const nowMs = clock.nowMs()
    const record: ZoneSwitch = {
      id: `switch-${Number(last?.value.id.slice('switch-'.length) ?? 0) + 1}`,
      ...pick(request),
      startedAtMs: nowMs,
      expiresAtMs: nowMs + limits.switchMs,
      controller: mover.id,
      parts: leaving.map(({ shard }) => untouched(shard)),
      suspects: [],
      suspectsComplete: null,
      outcome: null,
      endedAtMs: null,
      reason: null,
    }
    this.#options.onStep?.('before', 'begin')
    await createSwitch(truth, record)
    this.#options.onStep?.('after', 'begin')
    return { id: record.id, joined: false }
  }

  /** The shards that are meant, as they are. */
  #entries({ from, to, shards }: SwitchRequest): readonly ShardEntry[] {
    const { truth, config } = this.#options
    for (const zone of [from, to])
      if (!config.zones.some(({ name }) => name === zone))
        throw new EzoneError('EZ_UNKNOWN_ZONE', `there is no zone ${zone}`)
    if (from === to) throw new EzoneError('EZ_BAD_REQUEST', `the shards of ${from} are in ${to}`)
    const { shards: all } = truth.table.value
    const unknown = shards.find((shard) => !all.some((entry) => entry.shard === shard))
    if (unknown !== undefined) throw new EzoneError('EZ_UNKNOWN_SHARD', `the routing table has no shard ${unknown}`)
    const meant = (entry: ShardEntry) => (shards.length === 0 ? entry.zone === from : shards.includes(entry.shard))
    return all.filter(meant)
  }

  /** Until the signal: brings a switch to its end that is this GZS's, or nobody's any more. */
  async run(): Promise<void> {
    const { truth, signal, log, clock } = this.#options
    while (!signal.aborted) {
      const { revision } = truth.changed
      const untilMs = await this.#round().catch((error: unknown) => {
        if (!signal.aborted) log.warn({ err: error }, 'a switch could not go on; the truth is read again')
        return clock.nowMs() + limits.retryMs
      })
      await truth.changed.wait(revision, untilMs - clock.nowMs(), signal)
    }
  }

  /** Returns when to look again though nothing has changed. */
  async #round(): Promise<number> {
    const { truth, clock, mover } = this.#options
    const later = clock.nowMs() + limits.sessionMs
    const held = truth.known ? truth.lastSwitch : undefined
    if (held === undefined || held.value.outcome !== null || !mover.drives(held.value.controller)) return later
    const decision = nextOfSwitch({
      record: held.value,
      table: truth.table.value,
      moves: new Map([...truth.moves].map(([shard, { value }]) => [shard, value])),
      suspects: truth.suspects,
      nowMs: clock.nowMs(),
      width: held.value.mode === 'planned' ? limits.batch : limits.batchHard,
      suspectsMs: limits.suspectsMs,
    })
    if (decision.kind === 'wait') return Math.min(later, decision.untilMs)
    if (decision.kind === 'note') await this.#record(held, decision.record)
    else await this.#beginMoves(held, decision.parts)
    // What was begun is seen when it is read back; where somebody else's move is in the way nothing rings.
    return clock.nowMs() + limits.retryMs
  }

  async #beginMoves(held: Held<ZoneSwitch>, parts: readonly SwitchPart[]): Promise<void> {
    const { mover, signal } = this.#options
    const { id, to, who, why, mode } = held.value
    const refused = new Map<number, string>()
    for (const part of parts) {
      const request = {
        shard: part.shard,
        to,
        mode: mode === 'planned' ? 'planned' : 'takeover',
        who,
        why: `${id}: ${why}`,
      } as const
      try {
        await mover.begin(request, switchMoveId(id, part), signal)
      } catch (error) {
        // Without a majority nothing can be said of it, and it is tried again while the switch has time.
        if (EzoneError.is(error, 'EZ_NO_MAJORITY') || !EzoneError.is(error)) throw error
        refused.set(part.shard, error.message)
        break
      }
    }
    if (refused.size === 0) return
    const asRefused = (part: SwitchPart) => {
      const reason = refused.get(part.shard)
      return reason === undefined ? part : { ...part, outcome: 'refused' as const, reason }
    }
    await this.#record(held, { ...held.value, parts: held.value.parts.map(asRefused) })
  }

  async #record(held: Held<ZoneSwitch>, record: ZoneSwitch): Promise<void> {
    const { truth, log, mover, onStep, signal } = this.#options
    const step = record.outcome ?? 'note'
    onStep?.('before', step)
    try {
      await recordSwitch(truth, held, { ...record, controller: mover.id })
    } catch (error) {
      // Another controller was faster: what it wrote is on its way here.
      if (!ZookeeperError.is(error, 'BAD_VERSION')) throw error
      await truth.fresh(signal)
      return
    }
    if (record.outcome !== null)
      log.info({ id: record.id, from: record.from, to: record.to, outcome: record.outcome }, 'a switch has ended')
    onStep?.('after', step)
  }
}

const untouched = (shard: number): SwitchPart => ({
  shard,
  attempt: 1,
  outcome: null,
  reason: null,
  epoch: null,
  steps: [],
  suspects: null,
})

const pick = ({ from, to, mode, canary, who, why }: SwitchRequest) => ({ from, to, mode, canary, who, why })

function joined(running: ZoneSwitch, { from, to, mode, shards }: SwitchRequest): SwitchAccepted {
  const same =
    running.from === from &&
    running.to === to &&
    running.mode === mode &&
    shards.every((shard) => running.parts.some((part) => part.shard === shard))
  if (same) return { id: running.id, joined: true }
  throw new EzoneError(
    'EZ_SWITCH_RUNNING',
    `${running.id} moves ${running.parts.length} shards from ${running.from} to ${running.to} (${running.mode})`,
  )
}

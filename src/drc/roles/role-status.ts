import type { Metrics } from '@ezone/sdk'
import { type Clock, type DrcRole, type DrcTrace, EzoneError } from '@ezone/sdk/model'
import { limits } from '../limits.ts'
import { RecentTraces } from './recent-traces.ts'

export interface RoleStatusOptions {
  readonly role: DrcRole['role']
  readonly source: string
  readonly clock: Clock
  readonly metrics: Metrics
  /** Planted bug `lying-lag`: whatever was done is told as if it had just been committed. */
  readonly lies?: boolean
}

interface Sample {
  readonly atMs: number
  readonly lagMs: number
}

/** What a role is doing and has done: read by GET /status and GET /metrics. */
export class RoleStatus {
  readonly #options: RoleStatusOptions
  #samples: Sample[] = []
  #newestAtMs: number | null = null
  #state: DrcRole['state'] = 'standby'
  #position: DrcRole['position'] = null
  #stopped: DrcRole['stopped'] = null
  #transactions = 0
  #rows = 0
  #conflicts = 0
  readonly #traces = new RecentTraces(limits.tracesKept)

  constructor(options: RoleStatusOptions) {
    this.#options = options
  }

  /** Where nothing is wrong. */
  is(state: 'standby' | 'starting' | 'running'): void {
    if (this.#stopped !== null) this.#stoppedGauge().set(0, this.#labels())
    this.#state = state
    this.#stopped = null
  }

  /** It met what it cannot carry, and has not got past it. */
  get isStopped(): boolean {
    return this.#state === 'stopped'
  }

  /** @returns true where this is news: not the same reason as before. */
  failed(state: 'waiting' | 'stopped', error: EzoneError): boolean {
    const { code, message, hint, cause } = error.toJSON()
    const said = cause === null ? message : `${message}: ${cause}`
    const news = this.#stopped?.code !== code || this.#state !== state
    const atMs = news || this.#stopped === null ? this.#options.clock.nowMs() : this.#stopped.atMs
    this.#state = state
    this.#stopped = { code, message: said, hint, atMs }
    this.#stoppedGauge().set(Number(state === 'stopped'), this.#labels())
    if (news)
      this.#options.metrics
        .counter('ezone_drc_troubles_total', 'Times a lane could not go on')
        .add({ ...this.#labels(), state, code })
    return news
  }

  at(position: DrcRole['position']): void {
    this.#position = position
  }

  /** Whole transactions, and when each was committed at its source. */
  did(
    transactions: readonly {
      readonly uuid: string
      readonly gno: number
      readonly committedAtMs: number
      readonly trace: string | null
    }[],
    rows: number,
    conflicts = 0,
  ): void {
    const { clock, metrics, lies = false } = this.#options
    const last = transactions.at(-1)
    const nowMs = clock.nowMs()
    for (const { committedAtMs } of transactions)
      this.#samples.push({ atMs: clock.monotonicMs(), lagMs: lies ? 0 : Math.max(0, nowMs - committedAtMs) })
    if (this.#samples.length > 2 * limits.lagSamples) this.#samples = this.#samples.slice(-limits.lagSamples)
    if (last !== undefined) {
      if (this.isStopped) this.is('running')
      this.#newestAtMs = last.committedAtMs
      this.#position = { uuid: last.uuid, gno: last.gno }
    }
    this.#traces.add(transactions, Math.floor(nowMs))
    const ahead = transactions.filter(({ committedAtMs }) => committedAtMs > nowMs + limits.aheadMs).length
    if (ahead > 0)
      metrics
        .counter('ezone_drc_clock_ahead_total', 'Transactions with versions ahead of the clock here: one was set back')
        .add(this.#labels(), ahead)
    this.#transactions += transactions.length
    this.#rows += rows
    this.#conflicts += conflicts
    metrics.counter('ezone_drc_transactions_total', 'Transactions carried').add(this.#labels(), transactions.length)
    metrics.counter('ezone_drc_rows_total', 'Rows carried').add(this.#labels(), rows)
    metrics.counter('ezone_drc_conflicts_total', 'Losers noted').add(this.#labels(), conflicts)
    this.#gauge('ezone_drc_lag_ms', 'From commit at the source, of the last one').set(
      this.#samples.at(-1)?.lagMs ?? 0,
      this.#labels(),
    )
  }

  /** Where it carried a transaction of this trace lately. */
  traced(trace: string): readonly DrcTrace[] {
    const found = this.#traces.find(trace)
    return found === undefined ? [] : [{ role: this.#options.role, source: this.#options.source, ...found }]
  }

  snapshot(): DrcRole {
    return {
      role: this.#options.role,
      source: this.#options.source,
      state: this.#state,
      position: this.#position,
      newestAtMs: this.#options.lies ? Math.floor(this.#options.clock.nowMs()) : this.#newestAtMs,
      transactions: this.#transactions,
      rows: this.#rows,
      conflicts: this.#conflicts,
      lagMs: this.#lag(),
      stopped: this.#stopped,
    }
  }

  #lag(): DrcRole['lagMs'] {
    const sinceMs = this.#options.clock.monotonicMs() - limits.lagRecentMs
    const first = this.#samples.findIndex(({ atMs }) => atMs >= sinceMs)
    this.#samples = first < 0 ? [] : this.#samples.slice(first).slice(-limits.lagSamples)
    const sorted = this.#samples.map(({ lagMs }) => lagMs).toSorted((a, b) => a - b)
    const at = (share: number) =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
    const last = this.#samples.at(-1)
    if (last === undefined) return null
    return { last: Math.round(last.lagMs), p50: at(0.5), p99: at(0.99), samples: sorted.length }
  }

  #stoppedGauge = () => this.#gauge('ezone_drc_stopped', 'Whether a lane has stopped')
  #gauge = (name: string, help: string) => this.#options.metrics.gauge(name, help)
  #labels = () => ({ role: this.#options.role, source: this.#options.source })
}

/** Whatever went wrong as one of ours: what nobody foresaw is a bug, and stops the lane all the same. */
export const asKnown = (error: unknown): EzoneError =>
  EzoneError.is(error) ? error : new EzoneError('EZ_BUG', 'the lane failed', { cause: error })

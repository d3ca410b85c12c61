import type { Metrics } from '@ezone/sdk'
import { type Clock, type DrcRole, EzoneError } from '@ezone/sdk/model'
import { limits } from '../limits.ts'

export interface RoleStatusOptions {
  readonly role: DrcRole['role']
  readonly source: string
  readonly clock: Clock
  readonly metrics: Metrics
}

/** What a role is doing and has done: read by GET /status and GET /metrics. */
export class RoleStatus {
  readonly #options: RoleStatusOptions
  readonly #lags: number[] = []
  #state: DrcRole['state'] = 'standby'
  #position: DrcRole['position'] = null
  #stopped: DrcRole['stopped'] = null
  #transactions = 0
  #rows = 0
  #conflicts = 0

  constructor(options: RoleStatusOptions) {
    this.#options = options
  }

  /** Where nothing is wrong. */
  is(state: 'standby' | 'starting' | 'running'): void {
    if (this.#stopped !== null) this.#stoppedGauge().set(0, this.#labels())
    this.#state = state
    this.#stopped = null
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
    return news
  }

  at(position: DrcRole['position']): void {
    this.#position = position
  }

  /** Whole transactions, and when each was committed at its source. */
  did(
    transactions: readonly { readonly uuid: string; readonly gno: number; readonly committedAtMs: number }[],
    rows: number,
    conflicts = 0,
  ): void {
    const { clock, metrics } = this.#options
    const nowMs = clock.nowMs()
    for (const { committedAtMs } of transactions) this.#lags.push(Math.max(0, nowMs - committedAtMs))
    this.#lags.splice(0, Math.max(0, this.#lags.length - limits.lagSamples))
    this.#transactions += transactions.length
    this.#rows += rows
    this.#conflicts += conflicts
    const last = transactions.at(-1)
    if (last) this.#position = { uuid: last.uuid, gno: last.gno }
    metrics.counter('ezone_drc_transactions_total', 'Transactions carried').add(this.#labels(), transactions.length)
    metrics.counter('ezone_drc_rows_total', 'Rows carried').add(this.#labels(), rows)
    metrics.counter('ezone_drc_conflicts_total', 'Losers noted').add(this.#labels(), conflicts)
    this.#gauge('ezone_drc_lag_ms', 'From commit at the source, of the last one').set(
      this.#lags.at(-1) ?? 0,
      this.#labels(),
    )
  }

  snapshot(): DrcRole {
    const sorted = this.#lags.toSorted((a, b) => a - b)
    const at = (share: number) =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
    return {
      role: this.#options.role,
      source: this.#options.source,
      state: this.#state,
      position: this.#position,
      transactions: this.#transactions,
      rows: this.#rows,
      conflicts: this.#conflicts,
      lagMs:
        sorted.length === 0
          ? null
          : { last: Math.round(this.#lags.at(-1) ?? 0), p50: at(0.5), p99: at(0.99), samples: sorted.length },
      stopped: this.#stopped,
    }
  }

  #stoppedGauge = () => this.#gauge('ezone_drc_stopped', 'Whether a lane has stopped')
  #gauge = (name: string, help: string) => this.#options.metrics.gauge(name, help)
  #labels = () => ({ role: this.#options.role, source: this.#options.source })
}

/** Whatever went wrong as one of ours: what nobody foresaw is a bug, and stops the lane all the same. */
export const asKnown = (error: unknown): EzoneError =>
  EzoneError.is(error) ? error : new EzoneError('EZ_BUG', 'the lane failed', { cause: error })

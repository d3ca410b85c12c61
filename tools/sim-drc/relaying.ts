import type { LogRecord, LogRow } from '@ezone/sdk/model'
import { isOwn } from '../../src/drc/core/origin.ts'
import { ownRows } from '../../src/drc/core/own-rows.ts'
import { positionAfter } from '../../src/drc/core/positions.ts'
import type { Capture, LogWriter } from '../../src/drc/core/relay.ts'
import type { Position, SourceTransaction } from '../../src/drc/core/types.ts'
import { type Ground, readRecord, shapes, type Zone } from './ground.ts'
import { StoreTrouble } from './locks.ts'
import { stamp } from './stamp.ts'
import type { Process } from './world.ts'
import type { Committed } from './zone-store.ts'

/** Reads a zone's binlog, a little behind. */
export class SimCapture implements Capture {
  readonly #ground: Ground
  readonly #zone: Zone
  readonly #process: Process

  constructor(ground: Ground, zone: Zone, process: Process) {
    this.#ground = ground
    this.#zone = zone
    this.#process = process
  }

  async *transactions(from: Position, signal: AbortSignal): AsyncGenerator<SourceTransaction> {
    const { store } = this.#zone
    const uuid = this.#ground.uuid(this.#zone)
    const known = from.get(uuid) ?? 0
    for (let at = 0; ; at++) {
      while (at >= store.binlog.length && !signal.aborted) await this.#process.wait(1, 20)
      if (signal.aborted) return
      const entry = store.binlog[at]
      if (entry === undefined || !isOwn(entry.tag) || entry.gno <= known) continue
      await this.#process.wait(0, 2)
      yield { uuid, gno: entry.gno, committedAtMs: entry.atMs, trace: null, rows: this.#rows(entry, at) }
    }
  }

  #rows(entry: Committed, at: number): readonly LogRow[] {
    const rows = ownRows(entry.changes, { zone: this.#zone.number, shapes })
    const again = at < this.#zone.readUpTo
    this.#zone.readUpTo = Math.max(this.#zone.readUpTo, at + 1)
    if (this.#ground.bug !== 're-stamp' || !again) return rows
    return rows.map((row) => {
      const nowUs = this.#ground.nowUs(this.#zone)
      const ver = String(stamp({ nowUs, seen: BigInt(row.ver), zone: this.#zone.number }))
      return { ...row, ver, after: row.after && { ...row.after, drc_ver: ver } }
    })
  }
}

/** Adds to a zone's change log, one record after the other, a while after it was told to. */
export class SimLogWriter implements LogWriter {
  readonly #ground: Ground
  readonly #zone: Zone
  readonly #process: Process
  readonly #queue: LogRecord[] = []
  readonly #failed = new AbortController()
  readonly broken: AbortSignal
  readonly #gone: AbortSignal

  constructor(ground: Ground, zone: Zone, process: Process) {
    this.#ground = ground
    this.#zone = zone
    this.#process = process
    const gone = zone.broker.signal
    this.broken =
      ground.bug === 'deaf-relay' ? new AbortController().signal : AbortSignal.any([this.#failed.signal, gone])
    this.#gone = gone
  }

  async last(): Promise<Position> {
    await this.#process.wait(1, 5)
    const newest = this.#zone.log.at(-1)
    return newest === undefined ? new Map() : positionAfter(readRecord(newest))
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    const idle = this.#queue.length === 0
    this.#queue.push(...records)
    if (idle) void this.#send()
    while (this.#queue.length > 8 && !this.#failed.signal.aborted) await this.#process.wait(1)
    this.#failed.signal.throwIfAborted()
  }

  async #send(): Promise<void> {
    for (let record = this.#queue[0]; record !== undefined; record = this.#queue[0]) {
      await this.#process.wait(0, 4)
      if (this.#gone.aborted || (!this.#ground.healed && this.#process.rarely(3))) {
        this.#failed.abort(new StoreTrouble('the broker did not take a record'))
        return
      }
      this.#zone.log.push(JSON.stringify(record))
      await this.#process.wait(0, 2)
      this.#queue.shift()
    }
  }
}

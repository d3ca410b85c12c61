import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@ezone/sdk/model'
import type { MysqlDoor } from '../drc/find-drc.ts'
import { drcStatus } from '../drc/status.ts'
import { every } from './every.ts'
import type { LedgerGround } from './ground.ts'
import type { Entry } from './history.ts'
import { asking, makeOwnTable, ownTables } from './own-tables.ts'
import type { RunClock } from './run-clock.ts'

const markEveryMs = 1_500
const lookEveryMs = 10
/** A marker that has not arrived by then is told as lost in a cut, and another one is made. */
const patienceMs = 10_000
const claimMs = 4_000

export interface LagWatchOptions {
  readonly ground: LedgerGround
  readonly doors: readonly MysqlDoor[]
  readonly run: string
  readonly wall: Clock
  readonly clock: RunClock
  readonly note: (entry: Entry) => void
}

/**
 * How far each zone is behind each other one, twice: as DRC says it, and as a row says it that is written there and
 * looked for here. The row is made and found by direct connections, so that only its journey is replication's.
 */
export class LagWatch {
  readonly #options: LagWatchOptions

  constructor(options: LagWatchOptions) {
    this.#options = options
  }

  /** Begins with a table in every zone: a change to one that a zone lacks would stop its lane. */
  async follow(signal: AbortSignal): Promise<void> {
    const { doors } = this.#options
    const made = await Promise.allSettled(
      doors.map((door) => makeOwnTable(door, ownTables.marker, 'n BIGINT NOT NULL')),
    )
    if (made.some(({ status }) => status === 'rejected')) return
    const ways = doors.flatMap((source) =>
      doors.filter(({ zone }) => zone !== source.zone).map((target) => ({ source, target })),
    )
    await Promise.all(
      ways.map(async (way) => {
        let number = 0
        await every(markEveryMs, () => this.#measure(way, ++number, signal), signal)
      }),
    )
  }

  async #measure({ source, target }: Way, number: number, signal: AbortSignal): Promise<void> {
    const { run, clock, note } = this.#options
    const key = `${run}-${source.zone}-${target.zone}`
    const sets = `INSERT INTO ${ownTables.marker} (k, n) VALUES ('${key}', ${number}) ON DUPLICATE KEY UPDATE n = ${number}`
    await asking(source, (ask) => ask(sets))
    const beganMs = clock.atMs()
    const arrivedMs = await this.#arrival(target, key, number, signal).catch(() => null)
    if (signal.aborted && arrivedMs === null) return
    const claimedMs = await this.#claimed(source.zone, target.zone)
    const measuredMs = arrivedMs === null ? null : Math.round(arrivedMs - beganMs)
    note({ type: 'lag', atMs: clock.atMs(), source: source.zone, target: target.zone, claimedMs, measuredMs })
  }

  /** When the marker was seen; null where it was not. */
  async #arrival(target: MysqlDoor, key: string, number: number, signal: AbortSignal): Promise<number | null> {
    const { clock } = this.#options
    const untilMs = clock.atMs() + patienceMs
    return asking(target, async (ask) => {
      while (clock.atMs() < untilMs && !signal.aborted) {
        const [row] = await ask(`SELECT n FROM ${ownTables.marker} WHERE k = '${key}'`)
        if (Number(row?.n) === number) return clock.atMs()
        await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined)
      }
      return null
    })
  }

  /**
   * What the lane had of the last change it applied; where something is missing, the age of what is there, if that is more.
   * Null where it says that it does not know: of a source that does not answer nobody knows what is missing.
   */
  async #claimed(source: string, target: string): Promise<number | null> {
    const { ground, wall } = this.#options
    const report = await drcStatus({ ...ground, clock: wall, signal: AbortSignal.timeout(claimMs) })
    const lane = report.lanes.find((one) => one.role === 'applier' && one.source === source && one.zone === target)
    const { lagMs = null, ageMs = null } = lane ?? {}
    if (ageMs === null) return null
    return Math.round(Math.max(lagMs?.last ?? 0, ageMs ?? 0))
  }
}

interface Way {
  readonly source: MysqlDoor
  readonly target: MysqlDoor
}

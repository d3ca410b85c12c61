import type { LogRecord } from '@ezone/sdk/model'
import type { Shapes } from '../../src/drc/core/types.ts'
import type { Bug } from './bugs.ts'
import { StoreTrouble } from './locks.ts'
import type { TriggerSite } from './triggers.ts'
import { World } from './world.ts'
import { ZoneStore } from './zone-store.ts'

export const zoneNames = ['bj', 'sh', 'gz', 'cd'] as const

export const ordersTable = 'city.orders'
export const shapes: Shapes = (table) => (table === ordersTable ? { key: ['id'] } : undefined)

/** Simulated time begins here: 1 January 2026, microseconds. */
const beginUs = 1_767_225_600_000_000n

export interface Zone {
  readonly name: string
  readonly number: number
  readonly store: ZoneStore
  /** The change log, as it was written: nobody shares an object with anybody. */
  readonly log: string[]
  /** Added to true time, milliseconds; may jump. */
  skewMs: number
  /** Of the shard, as the zone's services know it. */
  epoch: number
  /** How far any relay of this zone ever read, in the binlog. */
  readUpTo: number
  /** Aborted when the broker goes, and another then: whoever was connected to it has lost it. */
  broker: AbortController
}

/** All that outlives processes: stores, logs, clocks, and which links are cut. */
export class Ground {
  readonly world: World
  readonly zones: readonly Zone[]
  readonly bug: Bug | undefined
  /** `from>to`: until when nothing passes. */
  readonly #cuts = new Map<string, number>()
  /** No more trouble from now on: small mishaps end too. */
  healed = false
  /** Of the one shard all keys belong to. */
  epoch = 1

  constructor(seed: number, skewsMs: readonly number[], bug: Bug | undefined) {
    this.world = new World(seed)
    this.bug = bug
    this.zones = skewsMs.map((skewMs, index) => {
      const name = zoneNames[index] ?? `z${index + 1}`
      const store = new ZoneStore(name, () => this.world.nowMs, bug !== 'no-tombstone')
      return { name, number: index + 1, store, log: [], skewMs, epoch: 1, readUpTo: 0, broker: new AbortController() }
    })
  }

  zone(name: string): Zone {
    const found = this.zones.find((zone) => zone.name === name)
    if (found === undefined) throw new RangeError(`there is no zone ${name}`)
    return found
  }

  /** A zone's wall clock in steps of 10 ms, so that two zones often read the same. */
  nowUs({ skewMs }: Zone): bigint {
    return beginUs + BigInt(Math.floor((this.world.nowMs + skewMs) / 10) * 10_000)
  }

  /** Where triggers of a zone stamp. */
  site(zone: Zone): TriggerSite {
    const flaw = this.bug === 'plain-read' || this.bug === 'wall-clock' ? this.bug : undefined
    return { zone: zone.number, nowUs: () => this.nowUs(zone), flaw }
  }

  cut(from: string, to: string, untilMs: number): void {
    this.#cuts.set(`${from}>${to}`, untilMs)
  }

  passes(from: string, to: string): boolean {
    return (this.#cuts.get(`${from}>${to}`) ?? 0) <= this.world.nowMs
  }

  /** The machine of a zone's broker loses its power: the newest records were not on disk yet. */
  loseRecords(zone: Zone, count: number): void {
    zone.log.splice(Math.max(0, zone.log.length - count))
    const gone = zone.broker
    zone.broker = new AbortController()
    gone.abort(new StoreTrouble('the broker is gone'))
  }

  heal(): void {
    this.healed = true
    this.#cuts.clear()
  }

  /** A zone takes the shard without asking; the others go on under the epoch they know (policy `available`). */
  takeOver(zone: Zone): void {
    this.epoch += 2
    for (const { store } of this.zones) store.takenEpoch = store === zone.store ? this.epoch : 0
    zone.epoch = this.epoch
  }

  /** The server a zone's own transactions are numbered by. */
  uuid(zone: Zone): string {
    return `0000000${zone.number}-aaaa-11f0-8888-00000000000${zone.number}`
  }
}

export const readRecord = (text: string): LogRecord => JSON.parse(text) as LogRecord

/** A version by its microseconds since the beginning and its zone, as people can read it. */
export const short = (ver: bigint): string => `${(ver >> 4n) - beginUs}.${ver & 15n}`

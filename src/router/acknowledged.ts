import type { Acknowledged, Clock } from '@ezone/sdk'

const keptMs = 60_000
/** 60 s at 4,000 writes a second; 26 bytes each, 7 MB in all, and none of it for the garbage collector to look at. */
const keptMax = 2 ** 18
const pageMax = 5_000

interface Told {
  readonly orderId: bigint
  readonly version: bigint
  readonly shard: number
  readonly zone: string
}

export interface Asked {
  readonly shard: number
  /** Milliseconds since the Unix epoch. */
  readonly sinceMs: number
  /** Where the page before ended: `next` of it. */
  readonly after: number
}

/**
 * What clients were told was done, for a minute: at a takeover the only list of what must not be lost, as the zone that
 * did it cannot be asked any more. A ring of fixed size; what it forgot too early it says.
 */
export class AcknowledgedWrites {
  readonly #clock: Clock
  readonly #sinceMs: number
  readonly #ids = new BigUint64Array(keptMax)
  readonly #versions = new BigUint64Array(keptMax)
  readonly #times = new Float64Array(keptMax)
  readonly #shards = new Uint16Array(keptMax)
  /** Zones by number: at most 15 of them. */
  readonly #zones: string[] = []
  readonly #zoneOf = new Uint8Array(keptMax)
  /** Everything ever told has a number; the ring holds the last `keptMax` of them. */
  #told = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#sinceMs = clock.nowMs()
  }

  add({ orderId, version, shard, zone }: Told): void {
    const at = this.#told++ % keptMax
    this.#ids[at] = orderId
    this.#versions[at] = version
    this.#times[at] = this.#clock.nowMs()
    this.#shards[at] = shard
    if (!this.#zones.includes(zone)) this.#zones.push(zone)
    this.#zoneOf[at] = this.#zones.indexOf(zone)
  }

  /** How many of the last minute are held. */
  get count(): number {
    return this.#told - this.#first(this.#clock.nowMs() - keptMs)
  }

  page({ shard, sinceMs, after }: Asked): Acknowledged {
    const earliest = Math.max(sinceMs, this.#clock.nowMs() - keptMs)
    const oldest = Math.max(0, this.#told - keptMax)
    const orders: Acknowledged['orders'] = []
    let n = Math.max(after, this.#first(earliest))
    for (; n < this.#told && orders.length < pageMax; n++) {
      const at = n % keptMax
      if (this.#shards[at] !== shard || (this.#times[at] ?? 0) < earliest) continue
      orders.push({
        orderId: String(this.#ids[at]),
        version: String(this.#versions[at]),
        shard,
        zone: this.#zones[this.#zoneOf[at] ?? 0] ?? '',
        atMs: Math.floor(this.#times[at] ?? 0),
      })
    }
    // What the ring has forgotten may have been told since then, or may have been due on this page.
    const forgotten =
      oldest > 0 && (oldest > after ? (this.#times[oldest % keptMax] ?? 0) >= sinceMs || after > 0 : false)
    return {
      complete: sinceMs >= Math.max(this.#sinceMs, this.#clock.nowMs() - keptMs) && !forgotten,
      orders,
      next: n < this.#told ? String(n) : null,
    }
  }

  /** Number of the first that was told at or after this time; times may go back with the clock, so all are looked at. */
  #first(earliestMs: number): number {
    for (let n = Math.max(0, this.#told - keptMax); n < this.#told; n++)
      if ((this.#times[n % keptMax] ?? 0) >= earliestMs) return n
    return this.#told
  }
}

import assert from 'node:assert/strict'
import { borrowSecondsMax, type Clock, IdMaker } from '../model/index.ts'

/** Seconds of a writer number, kept where they outlive whoever reserves them: a `WriterLease` of the zone's ZooKeeper. */
export interface Reservation {
  /** 0..31; no two living writers of the zone have one. */
  readonly number: number
  /** The greatest second (since 2025) that any life of this number has reserved; -1 before the first. */
  readonly through: number
  /** Resolves when every second up to this one is reserved durably. */
  reserve(second: number): Promise<void>
}

/**
 * Seconds reserved at a time, and how few of them may be left before more are asked for, beside the requests. While
 * nobody can be asked, ids go on for as long as that.
 */
const aheadSeconds = 10
const fewSeconds = 6
assert(aheadSeconds < borrowSecondsMax, 'the next life of a number can begin at once, above all that was reserved')

/**
 * Ids that never repeat through restarts: a second is reserved before any id of it is given, so that the next life of
 * the number, after whatever end, begins above.
 */
export class ReservedIds {
  readonly #maker: IdMaker
  readonly #reservation: Reservation
  /** Moves only when a reservation is certain. */
  #through: number
  #reserving: Promise<void> | undefined

  constructor(zone: number, reservation: Reservation, clock: Clock) {
    const notBefore = reservation.through + 1
    this.#maker = new IdMaker({ zone, writer: reservation.number, clock, notBefore })
    this.#reservation = reservation
    this.#through = reservation.through
  }

  /** The next id of a cell. @throws EZ_IDS_SPENT; what the reservation throws where no second is left */
  async next(cell: number): Promise<bigint> {
    for (;;) {
      const id = this.#maker.next(cell, this.#through)
      if (id === undefined) {
        // One at a time; whoever waited may find that others have used it up, and asks for the next.
        await this.#reserve()
        continue
      }
      if (this.#through - this.#maker.nowSecond() < fewSeconds) this.#reserve().catch(() => undefined)
      return id
    }
  }

  #reserve(): Promise<void> {
    this.#reserving ??= this.#reserveMore().finally(() => {
      this.#reserving = undefined
    })
    return this.#reserving
  }

  async #reserveMore(): Promise<void> {
    // Counted from the clock: a life that begins ahead of it takes no more than it needs, and leaves room for the next.
    const through = Math.max(this.#maker.nowSecond() + aheadSeconds, this.#maker.highestSecond + 1)
    await this.#reservation.reserve(through)
    this.#through = through
  }
}

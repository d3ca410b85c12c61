import type { Clock } from './clock.ts'
import { EzoneError } from './errors.ts'
import { idEpochMs, packId, sequenceMax } from './ids.ts'

/** How far ids may run ahead of the clock, in seconds: a burst of 16 x 256 ids of one cell, then one has to wait. */
export const borrowSecondsMax = 16

export interface IdWriter {
  /** Number of the zone, 1..15. */
  readonly zone: number
  /** 0..31; no two living writers of a zone share one. */
  readonly writer: number
  readonly clock: Clock
  /** The first second (since 2025) it may use: above every one that an earlier life of this writer may have used. */
  readonly notBefore: number
}

/**
 * Hands out ids that never repeat, in rising order for each cell.
 *
 * Each cell counts its own sequence, so one busy city does not spend the ids of all others. When a second's 256 are spent
 * the next second is borrowed, at most `borrowSecondsMax` ahead of the clock; beyond that EZ_IDS_SPENT.
 *
 * The clock set back while it runs changes nothing: seconds then follow the monotonic clock. Set back across a restart,
 * `notBefore` lies in the future: ids go on from there within the same limit, and are refused beyond it.
 */
export class IdMaker {
  readonly #writer: IdWriter
  readonly #cells = new Map<number, { second: number; sequence: number }>()
  #highest: number
  #lastMs: number
  #lastMonotonicMs: number

  constructor(writer: IdWriter) {
    this.#writer = writer
    this.#highest = writer.notBefore - 1
    this.#lastMs = writer.clock.nowMs()
    this.#lastMonotonicMs = writer.clock.monotonicMs()
  }

  /** The highest second used by any id so far; `notBefore - 1` before the first. */
  get highestSecond(): number {
    return this.#highest
  }

  /** The second (since 2025) that an id made now would carry at the least. */
  nowSecond(): number {
    const { clock } = this.#writer
    const monotonicMs = clock.monotonicMs()
    this.#lastMs = Math.max(clock.nowMs(), this.#lastMs + (monotonicMs - this.#lastMonotonicMs))
    this.#lastMonotonicMs = monotonicMs
    return Math.floor((this.#lastMs - idEpochMs) / 1000)
  }

  /**
   * The next id of a cell, or undefined where that would need a second beyond `through` (the last one reserved).
   * @throws EZ_IDS_SPENT
   */
  next(cell: number, through: number): bigint | undefined {
    const now = this.nowSecond()
    const least = Math.max(now, this.#writer.notBefore)
    const last = this.#cells.get(cell)
    const place = last === undefined || last.second < least ? { second: least, sequence: 0 } : after(last)
    if (place.second > now + borrowSecondsMax)
      throw new EzoneError(
        'EZ_IDS_SPENT',
        `writer ${this.#writer.writer} of zone ${this.#writer.zone} is ${place.second - now} s ahead of the clock in cell ${cell}`,
      )
    if (place.second > through) return undefined
    const { zone, writer } = this.#writer
    const id = packId({ seconds: place.second, cell, zone, writer, sequence: place.sequence })
    this.#cells.set(cell, place)
    this.#highest = Math.max(this.#highest, place.second)
    return id
  }
}

const after = ({ second, sequence }: { second: number; sequence: number }) =>
  sequence < sequenceMax ? { second, sequence: sequence + 1 } : { second: second + 1, sequence: 0 }

import { type Call, type Clock, deadlineHeader, EzoneError } from '@ezone/sdk'

/**
 * Until when an answer is worth something, by our own steady clock. The next hop is told what is left of it: what wall
 * clocks say, each of its own, ends nobody's call (ADR 0032).
 */
export class Deadline {
  readonly #clock: Clock
  readonly #atMs: number

  /** @param forMs from now */
  constructor(clock: Clock, forMs: number) {
    this.#clock = clock
    this.#atMs = clock.monotonicMs() + forMs
  }

  /** Whole milliseconds from now; not more than 0 when it has passed. */
  get leftMs(): number {
    return Math.floor(this.#atMs - this.#clock.monotonicMs())
  }
}

/**
 * Of a call that begins here: what its client says it waits (`x-ezone-deadline: 1500`, milliseconds from now), but
 * never longer than we wait for anything.
 * @throws EZ_BAD_REQUEST where it is no number of milliseconds
 */
export function deadlineOf({ headers }: Pick<Call, 'headers'>, clock: Clock, atMostMs: number): Deadline {
  const text = headers[deadlineHeader]
  if (text !== undefined && !/^[1-9]\d{0,8}$/.test(String(text)))
    throw new EzoneError('EZ_BAD_REQUEST', `the header ${deadlineHeader} is how many milliseconds you wait, from 1`)
  return new Deadline(clock, text === undefined ? atMostMs : Math.min(Number(text), atMostMs))
}

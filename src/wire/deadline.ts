import { type Call, type Clock, deadlineHeader, EzoneError } from '@ezone/sdk'

/** Until when an answer is worth something. */
export interface Deadline {
  /** Milliseconds since the Unix epoch: what the next hop is told, signed. */
  readonly atMs: number
  /** From now; at least 1. */
  readonly leftMs: number
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
  const leftMs = text === undefined ? atMostMs : Math.min(Number(text), atMostMs)
  return { atMs: Math.ceil(clock.nowMs()) + leftMs, leftMs }
}

/** Of a call that is under a deadline already: never later than that one. */
export function within(deadlineMs: number, clock: Clock, atMostMs: number): Deadline {
  const nowMs = Math.ceil(clock.nowMs())
  const atMs = Math.min(deadlineMs, nowMs + atMostMs)
  return { atMs, leftMs: Math.max(atMs - nowMs, 1) }
}

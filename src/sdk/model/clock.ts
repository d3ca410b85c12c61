/**
 * Time comes in through the door: whoever needs it is handed a Clock, so that a test can hand in another one.
 * This file is the only one that asks the machine what time it is.
 */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. May be set back by an operator. */
  nowMs(): number
  /** Milliseconds on a clock that never goes back; only differences mean anything. */
  monotonicMs(): number
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}

import assert from 'node:assert/strict'

/** Every limit of the frame. */
export const limits = {
  bodyBytesMax: 64 * 1024,
  headerBytesMax: 16 * 1024,
  /** Receiving a request: its head, and all of it. */
  headMs: 5_000,
  receiveMs: 10_000,
  /** Making an answer. */
  answerMs: 8_000,
  /** A connection on which nothing moves, in either direction, while a request is on it. */
  stallMs: 15_000,
  /** An idle connection is kept longer here than clients keep it, so that none sends into a closing one. */
  keepAliveMs: 65_000,
  clientKeepAliveMs: 20_000,
  connectionsMax: 4_096,
  requestsAtOnceMax: 1_024,
  /** From SIGTERM to the end: requests in flight first, then what the service itself has to give back. */
  drainMs: 1_000,
  lingerMs: 200,
  disposeMs: 500,
  /** How often a service looks whether its configuration is still there; twice gone means it shall go too. */
  configCheckMs: 1_000,
} as const

assert(limits.lingerMs + limits.drainMs + limits.disposeMs < 2_000, 'a service is gone 2 s after SIGTERM')
assert(limits.answerMs < limits.stallMs, 'an answer in the making is no stalled connection')
assert(limits.clientKeepAliveMs < limits.keepAliveMs, 'clients give up idle connections before servers do')

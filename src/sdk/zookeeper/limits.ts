import assert from 'node:assert/strict'

/** Every maximum of the client. Times that depend on the session are shares of its timeout T, see `paceOf`. */
export const limits = {
  sessionTimeoutMs: 10_000,
  requestTimeoutMs: 5_000,
  requestsInFlightMax: 256,
  requestsWaitingMax: 10_000,
  returnEveryMs: 5_000,
  returnEveryMsMax: 60_000,
  /** A server of default settings (jute.maxbuffer 0xfffff) hangs up on a larger one, and all others would suffer. */
  requestBytesMax: 1_000_000,
  /** Requests wait in the client beyond so many bytes that the socket has not taken yet. */
  unsentBytesMax: 4 * 1024 * 1024,
  answerBytesMax: 16 * 1024 * 1024,
  /** Paths of one setWatches2, in bytes; a client with more sends several. */
  watchBytesMax: 100_000,
  /** How often a reading request is sent again after its connection broke. */
  attemptsMax: 5,
  treeNodesMax: 5_000,
  backoffMsMin: 20,
  backoffMsMax: 500,
  /** A connection that shall end may finish what is in flight for so long. */
  drainMs: 1_000,
  goodbyeMs: 1_000,
} as const

assert(limits.watchBytesMax * 2 < limits.requestBytesMax, 'watches must fit into one request with their framing')

/** Times of a session, from the timeout T that the server granted. */
export interface Pace {
  readonly pingEveryMs: number
  /** A server that says nothing for so long is left for another. */
  readonly silentMsMax: number
  /** One attempt at one server. */
  readonly attemptMs: number
  /** So long after a request that was answered was sent, no server has ended the session. */
  readonly safeMs: number
}

/**
 * The servers count T from the last sign of life that reached the *leader*, and a follower that was just cut off from it
 * may still answer us, for syncLimit ticks, before it notices. So the last third of T is not counted on; this is right
 * where (syncLimit + 1) x tickTime <= T/3, which for our servers (3, 500 ms) means T >= 6 s.
 */
export function paceOf(timeoutMs: number, servers: number): Pace {
  return {
    pingEveryMs: Math.min(timeoutMs / 6, 2_500),
    silentMsMax: Math.min(timeoutMs / 3, 5_000),
    attemptMs: Math.min(Math.max(timeoutMs / 3 / servers, 1_000), 5_000),
    safeMs: (timeoutMs * 2) / 3,
  }
}

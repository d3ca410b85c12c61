import assert from 'node:assert/strict'

/** Every limit of the replication. */
export const limits = {
  /** Captured and not yet logged. Above it the server is not read from any more. */
  captureBytesMax: 8 * 2 ** 20,
  /** One transaction in memory; it is logged in parts. */
  transactionBytesMax: 256 * 2 ** 20,
  /** The server speaks this often when it has nothing to say; silent for longer, it is dialled anew. */
  heartbeatMs: 1_000,
  silenceMs: 5_000,
  connectMs: 2_000,

  /** A record of the log. A row that does not fit into one cannot be replicated. */
  recordBytesMax: 900_000,
  /** What Kafka takes as one batch; one is in flight. */
  batchBytesMax: 4 * 2 ** 20,
  batchRecordsMax: 2_000,
  topicBatchBytesMax: 8 * 2 ** 20,
  /** What is kept for a zone that is away. The newest record always stays: it is the relay's position. */
  logBytesMax: 256 * 2 ** 20,
  logSegmentBytes: 16 * 2 ** 20,
  produceMs: 4_000,
  /** A fetch waits so long for news; without an answer for `fetchMs` the broker is dialled anew. */
  fetchWaitMs: 500,
  fetchMs: 2_500,
  fetchBytesMax: 4 * 2 ** 20,

  /** Rows of one transaction of the target; a larger source transaction makes a larger one. */
  applyRowsMax: 400,
  statementRowsMax: 200,
  statementMs: 10_000,
  /** A transaction of the target that met a writer on its keys is begun again. */
  applyTries: 20,

  retryMs: 200,
  /** A stopped lane looks again. */
  stoppedRetryMs: 1_000,
  /** One that misses changes reads the whole log for them. */
  gapRetryMs: 15_000,
  /** A relay that had stopped runs again when it has logged something, or met nothing bad for so long. */
  settleMs: 3_000,
  /** Lag is that of the last while, of so many transactions at most. */
  lagRecentMs: 60_000,
  lagSamples: 20_000,
  /** Clocks of one machine, or of well-kept ones, do not differ by so much. */
  aheadMs: 500,
  conflictsShown: 1_000,
  /** Of each role: traces are followed while they are fresh. */
  tracesKept: 4_096,
} as const

assert(limits.heartbeatMs * 2 < limits.silenceMs, 'a beat may be late')
assert(limits.recordBytesMax < limits.batchBytesMax, 'a batch takes a record')
assert(limits.batchBytesMax < limits.topicBatchBytesMax, 'the broker takes a batch')
assert(limits.fetchWaitMs * 2 < limits.fetchMs, 'an answer that waited is not late')

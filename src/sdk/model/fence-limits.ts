import assert from 'node:assert/strict'

/**
 * Every time around a fence, and how they relate. A write transaction has read its fence row before it does anything,
 * and may still commit as long as its connection lives. What bounds that:
 *
 * - nothing is sent on it for `waitTimeoutSeconds` (its process is paused): the server ends it and rolls it back
 * - it is older than `writeMs`: the DAL sends no COMMIT any more
 * - one of its statements waits for a row lock: at most `lockWaitSeconds`, then the server fails the statement
 *
 * So a write let through at T is in the database by T + `lateWriteMs`, or never. A freeze does not wait that long: it
 * kills what is still open after `freezeWaitMs`. Nobody can kill behind a partition: there a new owner under policy
 * `strict` waits until the lease has ended, `driftMsMax` more for clocks, and `lateWriteMs` more for such writes.
 */
export const fenceLimits = {
  /** How long a write waits for a fence row that lags behind the table it acts under, and how often it looks. */
  lagMs: 1_000,
  lagLookMs: 20,
  freezeWaitMs: 1_000,
  /** From the first kill to the end: rolling back what was killed. */
  freezeKillMs: 4_000,
  /** W: MySQL's `wait_timeout` on every connection of the DAL. */
  waitTimeoutSeconds: 4,
  lockWaitSeconds: 2,
  /** From the fence to COMMIT. */
  writeMs: 2_500,
  /** A connection that was idle for so long is not used again. */
  idleMs: 1_900,
  /** How long a zone's lease lasts after it was extended, and how often it is. */
  leaseMs: 7_500,
  leaseExtendMs: 2_000,
  /** How far the clocks of two zones may be apart. */
  driftMsMax: 500,
  lateWriteMs: 8_500,
} as const

const waitTimeoutMs = fenceLimits.waitTimeoutSeconds * 1000
const lockWaitMs = fenceLimits.lockWaitSeconds * 1000

assert(
  fenceLimits.writeMs + waitTimeoutMs + lockWaitMs <= fenceLimits.lateWriteMs,
  'a write let through is in, or will never be, before its time is over',
)
assert(fenceLimits.idleMs * 2 < waitTimeoutMs, 'the pool gives up an idle connection well before the server does')
assert(fenceLimits.writeMs < waitTimeoutMs, 'a transaction that is busy is ended by us, a silent one by the server')
assert(fenceLimits.lockWaitSeconds * 1000 < fenceLimits.writeMs, 'a lock wait can fail and be told within a write')
assert(fenceLimits.leaseExtendMs * 3 < fenceLimits.leaseMs, 'a lease outlives two extensions that failed')
assert(
  fenceLimits.freezeWaitMs + fenceLimits.freezeKillMs + fenceLimits.leaseExtendMs < fenceLimits.leaseMs,
  'a writer that holds up the extension of a lease is killed before the lease ends',
)
assert(fenceLimits.driftMsMax < fenceLimits.leaseExtendMs, 'clocks differ by less than what a lease is extended by')

import assert from 'node:assert/strict'
import { fenceLimits } from '@ezone/sdk'

/** Every limit of GZS. */
export const limits = {
  /** A GZS that was killed is found gone after this, and another one ends its moves. */
  sessionMs: 3_000,
  /** One question to the ensemble; a change of the truth may take two. */
  requestMs: 2_500,
  /** How long a frozen shard waits for its zones before it is active again where it was. */
  plannedMs: 8_000,
  /** What a takeover may take beyond the waiting for a lease. */
  takeoverMs: 10_000,
  /** Under policy `available` nobody waits for a zone that is gone; one that is there gets so long to stop by itself. */
  stopMs: 1_000,
  /** How long a planned move waits for a takeover of its shard to be settled, before it is refused. */
  settleMs: 4_000,
  /** How much older than its last extension a zone's lease may be before nothing is planned with that zone. */
  silentMs: fenceLimits.leaseMs,
  /** How many shards of a planned switch are frozen at once, and of a hard one taken at once. */
  batch: 2,
  batchHard: 1_000,
  /** A switch begins no further shard after this. */
  switchMs: 180_000,
  /** How long a hard switch waits to be told what was acknowledged and had not arrived, after a shard is served. */
  suspectsMs: 8_000,
  /** Switches in the truth. */
  switchesKept: 50,
  /** Compare-and-set lost to somebody else: the truth is read again and the same tried again so often. */
  triesMax: 5,
  /** After an error of the ensemble. */
  retryMs: 200,
  /** A move of the global master that a switch asks for, and that was refused, is tried again so often. */
  escortMs: 500,
  /** Where zones may be left without a person: how often each is looked at, and how long an answer may take. */
  lookEveryMs: 1_000,
  lookMs: 1_500,
  pingMs: 1_000,
  subscribersMax: 1_000,
  /** One that left is shown so long. */
  goneMs: 60_000,
  askPeerMs: 800,
  /** Entries of the history handed out, and kept in the truth. */
  historyMax: 200,
  historyKept: 1_000,
} as const

assert(limits.sessionMs * 2 < limits.plannedMs, 'a move whose controller died can be ended before it expires')
assert(
  limits.settleMs + limits.requestMs < 8_000,
  'a move that is refused is so before the frame gives up on the answer',
)
assert(limits.historyMax < limits.historyKept, 'what is handed out is kept')

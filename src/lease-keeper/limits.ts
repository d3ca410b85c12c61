import assert from 'node:assert/strict'
import { fenceLimits } from '@ezone/sdk'

/** Every limit of the lease-keeper. */
export const limits = {
  sessionMs: 6_000,
  /** One question to the ensemble. */
  requestMs: 2_000,
  /** After an error of the ensemble or of MySQL. */
  retryMs: 300,
  /** While a shard drains towards this zone: how often it is looked how far the changes have come. */
  drainLookMs: 10,
  /** How long after its expiry a move is still GZS's to roll back: its next instance takes it over within seconds. */
  overdueMs: 6_000,
  /** How often it is looked whether a takeover is settled. */
  settleLookMs: 1_000,
  /** Routers remember what they acknowledged for so long; how long one may take to tell, and in how many pages. */
  edgeKeptMs: 59_000,
  edgeMs: 1_500,
  edgePagesMax: 50,
  /** How often it is looked what has come of what was suspect, and how much of a shard the truth is told by name. */
  suspectsLookMs: 200,
  suspectsNamed: 2_000,
  /** The rows are read again so often, whatever they were believed to be: what a hand changed is put right. */
  lookAgainMs: 5_000,
  /** How often the role of the global MySQL is looked at: while it is as it shall be, and while it is not. */
  roleMs: 5_000,
  roleRetryMs: 500,
  /** Of the Global Zone's master: how often it is looked at. */
  masterLookMs: 250,
  /** A commit that nobody has received for so long, or a zone that does not follow for so long: it goes on without. */
  coverStuckMs: 800,
  coverAwayMs: 3_000,
  /** While the master moves here: how long one look waits for the rest of the old one's changes. */
  globalDrainWaitMs: 300,
} as const

assert(
  limits.requestMs + fenceLimits.leaseExtendMs + limits.retryMs < fenceLimits.leaseMs,
  'an extension that failed once can be tried again before the lease ends',
)
assert(
  limits.masterLookMs + limits.coverStuckMs + 500 < 2_000,
  'the master goes on alone before those who wait for a commit of it give up',
)

import assert from 'node:assert/strict'
import { fenceLimits } from '../model/index.ts'

/** Limits of the DAL itself; those around fences are in the model, as GZS and the lease-keeper go by them too. */
export const limits = {
  /** For transactions, and besides for single statements; a zone's MySQL takes 150 in all. */
  connectionsMax: 32,
  statementConnectionsMax: 16,
  /** Callers that may wait for a connection, and how long; beyond that they are told at once. */
  waitingMax: 512,
  waitingMs: 2_000,
  connectMs: 2_000,
  statementMs: 4_000,
  /** Kept prepared by each connection; the server holds 16 382 in all. */
  preparedMax: 100,
  /** A lock that instances of a service take in turn to migrate. */
  migrateLockSeconds: 10,

  globalConnectionsMax: 8,
  /** From asking for a write of the Global Zone to knowing that there is nobody to take it. */
  globalFindMs: 2_000,
  /** The same where every member answers and none takes writes: the master is being moved. How often they are asked. */
  globalMoveMs: 4_000,
  globalAskMs: 50,
  /** A write that was refused, for certain without effect, is done again so often. */
  globalTriesMax: 3,
  /** One member's answer, over the link. */
  globalConnectMs: 1_000,
  globalStatementMs: 2_000,
  /** After nobody was found: how long the next ones are told so at once. */
  globalPauseMs: 500,
  /** What a replica has received is applied within, before it may become the master. */
  globalDrainMs: 10_000,
  /** A master that is stopped lets transactions in flight end for so long. */
  globalEndMs: 1_000,
  globalLookMs: 20,
  /** After this nobody waits any more for the answer to a commit: the write, and the commit, are given up before. */
  globalForgetMs: 5_500,
  /** From closing a server to letting go of the commits that wait in it: by then new ones stand behind the closing. */
  globalRefuseMs: 200,
} as const

assert(limits.statementMs > fenceLimits.lockWaitSeconds * 1000, 'the server tells of a lock wait before we give up')
assert(limits.globalConnectMs * 2 <= limits.globalFindMs, 'a member that hangs leaves time to ask another')
assert(limits.globalMoveMs + limits.globalStatementMs < 8_000, 'both end before the frame gives up on the answer')
assert(
  fenceLimits.writeMs + limits.globalStatementMs < limits.globalForgetMs,
  'whoever sent a commit has given it up before the commit is let go',
)

import type { Address, Clock } from '../model/index.ts'

/** What a server keeps about a node. A zxid numbers a transaction: the greater is later, over the whole ensemble. */
export interface Stat {
  /** Transaction that created the node. */
  readonly czxid: bigint
  /** Transaction that changed its data last. */
  readonly mzxid: bigint
  /** Transaction that changed its list of children last. */
  readonly pzxid: bigint
  readonly createdAtMs: number
  readonly changedAtMs: number
  /** Changes of the data since it was created: what `setData`, `delete` and `check` compare. */
  readonly version: number
  readonly childVersion: number
  readonly aclVersion: number
  /** Session that holds the node; 0n where it is not ephemeral. */
  readonly ephemeralOwner: bigint
  readonly dataLength: number
  readonly children: number
}

/** Bits: read 1, write 2, create 4, delete 8, admin 16. */
export interface Acl {
  readonly permissions: number
  readonly scheme: string
  readonly id: string
}

export interface CreateOptions {
  /** `container`: the server removes it some time after its last child has gone. */
  readonly mode?: 'persistent' | 'ephemeral' | 'container'
  /** Appends ten digits that count up under the parent. Not for containers. */
  readonly sequential?: boolean
  /** The server removes it when it was not changed for so long and has no children. Persistent nodes only. */
  readonly ttlMs?: number
  /** Who may do what; by default everybody everything. */
  readonly acl?: readonly Acl[]
}

export interface RequestOptions {
  /** Ends the wait. A write that was sent may be done all the same. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until it is given up; by default that of the client. */
  readonly timeoutMs?: number
}

export interface WatchEvent {
  readonly type: 'created' | 'deleted' | 'changed' | 'children'
  readonly path: string
  /** Transaction that caused it; null where the server does not say (before 3.9). */
  readonly zxid: bigint | null
}

/** A watch at the server. It outlives connections and sessions until it is disposed of. */
export interface Watch extends AsyncDisposable {
  readonly path: string
}

export type SessionState = 'connecting' | 'connected' | 'suspended' | 'closed'

/**
 * `connected` with `fresh`: a new session; ephemerals of an earlier one are gone or will go. After each `connected`
 * events may have been missed: read again. `suspended`: nobody knows whether the session still lives.
 */
export type SessionEvent =
  | { readonly type: 'connected'; readonly fresh: boolean; readonly sessionId: bigint; readonly server: Address }
  | { readonly type: 'suspended'; readonly reason: unknown }
  | { readonly type: 'expired'; readonly sessionId: bigint }
  | { readonly type: 'closed'; readonly reason: unknown }

export interface Session {
  readonly id: bigint
  readonly password: Buffer
  /** What the server granted. */
  readonly timeoutMs: number
  readonly server: Address
}

export interface ZookeeperOptions {
  /** In order of preference, that of the own place first: the client goes back to the first when it serves again. */
  readonly servers: readonly Address[]
  /** After so long without a sign of life the servers end the session; by default 10 s. */
  readonly sessionTimeoutMs?: number
  /** By default 5 s, waiting for a connection included. */
  readonly requestTimeoutMs?: number
  readonly requestsInFlightMax?: number
  readonly requestsWaitingMax?: number
  /** How often the first server is asked whether it serves again; by default 5 s. */
  readonly returnEveryMs?: number
  readonly auth?: { readonly user: string; readonly password: string }
  /** A session to go on with, of this client's earlier life. */
  readonly resume?: Pick<Session, 'id' | 'password'>
  readonly clock?: Clock
  /** Closes the client. */
  readonly signal?: AbortSignal
}

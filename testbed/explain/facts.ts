import type { DrcStatus, Explanation, FenceRow, HistoryEntry, ShardMove } from '@ezone/sdk/model'

/** The order's row as one zone has it. */
export interface OrderFact {
  readonly state: string
  /** The zone that wrote it last, and the epoch it did so under. */
  readonly zone: string
  readonly epoch: number
  readonly locked: boolean
  readonly createdAt: string
  readonly traceId: string | null
  /** `drc_ver`, as text. */
  readonly version: string
}

/** Up to which of another zone's transactions a zone has applied. */
export interface AppliedFact {
  readonly source: string
  readonly uuid: string
  readonly gno: number
  readonly appliedAtMs: number
}

/** A change of the order's row that was not kept: another one was newer. */
export interface LoserFact {
  readonly atMs: number
  /** Zone whose change met the one that was here. */
  readonly source: string
  /** `incoming`: the change from `source` was dropped; `local`: it replaced a row it had not seen. */
  readonly loser: 'incoming' | 'local'
  readonly winnerVersion: string
  readonly loserVersion: string
}

/** What one zone's MySQL says, asked directly and as root. */
export interface ZoneFact {
  readonly zone: string
  readonly number: number
  /** By the clock of that MySQL. */
  readonly nowMs: number
  readonly fence: FenceRow | null
  readonly row: OrderFact | null
  /** Version of the deletion, where the row was deleted. */
  readonly tombstone: string | null
  readonly applied: readonly AppliedFact[]
  readonly conflicts: number
  /** The newest few of them. */
  readonly losers: readonly LoserFact[]
}

/** A zone that could not be asked: what it holds is not known. */
export interface SilentZone {
  readonly zone: string
  readonly number: number
  readonly error: string
}

export const isSilent = (fact: ZoneFact | SilentZone): fact is SilentZone => 'error' in fact

/** Where the trace of the order's last write was met: a line of a log, a record on Kafka. */
export interface Trace {
  /** ISO 8601; null where the place keeps no time. */
  readonly at: string | null
  /** `edge/router`, or `bj/kafka`. */
  readonly where: string
  readonly text: string
}

/** What GZS says of the order's shard. */
export interface TableFact {
  readonly version: number
  readonly name: string
  readonly zone: string
  readonly epoch: number
  readonly state: string
  /** Of the shard alone, newest first. */
  readonly history: readonly HistoryEntry[]
  /** The running move, else the last one. */
  readonly move: ShardMove | null
}

/** Everything that was asked about an order. Nothing in it is concluded yet. */
export interface Facts {
  readonly orderId: string
  readonly route: Explanation
  /** Where no GZS answers: why. The router's table still says whose the shard is. */
  readonly table: TableFact | { readonly error: string }
  readonly zones: readonly (ZoneFact | SilentZone)[]
  /** Of every instance that answered. */
  readonly drc: readonly DrcStatus[]
  readonly traces: readonly Trace[]
}

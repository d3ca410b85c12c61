import type { LogRow, RowImage } from '@ezone/sdk/model'

/** (microseconds since 1970 << 4) | zone number; 0n before the first write. The greater wins. */
export type Version = bigint

/** A row's identity in every zone: its table, and its primary key as text, columns joined by 0x1f. */
export interface RowKey {
  /** `schema.table` */
  readonly table: string
  readonly pk: string
}

/** What DRC has to know of a table that it carries. */
export interface TableShape {
  /** Columns of the primary key, in the key's order. */
  readonly key: readonly string[]
}
/** By `schema.table`; undefined for a table that is not replicated. */
export type Shapes = (table: string) => TableShape | undefined

/** One change as the source's binlog has it. Tombstones that triggers wrote are among them. */
export interface SourceChange {
  readonly table: string
  readonly op: LogRow['op']
  readonly before: RowImage | null
  readonly after: RowImage | null
}

/** A transaction that was made in this zone: its GTID has no tag of ours. */
export interface SourceTransaction {
  readonly uuid: string
  readonly gno: number
  readonly committedAtMs: number
  readonly trace: string | null
  /** Empty where nothing of it is replicated: its number counts all the same. */
  readonly rows: readonly LogRow[]
}

/** A source transaction as the log has it: whole, and with the number of the one before it on the same server. */
export interface LoggedTransaction extends SourceTransaction {
  /** Zone it was made in. */
  readonly zone: string
  /** 0 for the first of a server. */
  readonly previous: number
}

/** Up to where a server's own transactions are known: server uuid -> number of the last one. */
export type Position = ReadonlyMap<string, number>

/** A row as a zone has it now. */
export interface LocalRow {
  /** null where there is none. */
  readonly row: RowImage | null
  /** Version of the row; 0n where there is none. */
  readonly ver: Version
  /** Version of the newest delete; 0n where nothing was ever deleted under this key. */
  readonly tombstone: Version
}

/** A change of a row that comes from another zone. */
export interface Incoming extends RowKey {
  readonly op: LogRow['op']
  readonly ver: Version
  /** Version of what its writer saw and replaced; 0n for an insert. */
  readonly beforeVer: Version
  readonly before: RowImage | null
  readonly after: RowImage | null
  /** Shard and epoch its writer acted under; 0 where the table has no such column. */
  readonly shard: number
  readonly epoch: number
}

/** What becomes of an incoming change. */
export interface Resolution {
  /** `apply`: it is the row from now on. `drop`: what is here is newer. `same`: it is here already. */
  readonly verdict: 'apply' | 'drop' | 'same'
  /** Who is to be kept in the conflict log; null where nothing was lost. */
  readonly loser: 'incoming' | 'local' | null
  /** True where the conflict reaches across an unplanned takeover: the row stays locked until somebody has looked at it. */
  readonly lock: boolean
}

/** How to make an incoming change true in a store. In order; a later one may touch the same row again. */
export interface RowWrite extends RowKey {
  /** `insert`: there is no row. `update`: there is. `delete`: there is. `bury`: there is none, only its tombstone is written. */
  readonly op: 'insert' | 'update' | 'delete' | 'bury'
  /** The whole row, drc_ver included; null for delete and bury. */
  readonly row: RowImage | null
  /** For delete and bury this is what the tombstone gets. */
  readonly ver: Version
}

export interface Conflict extends RowKey {
  readonly loser: 'incoming' | 'local'
  readonly lock: boolean
  readonly winnerVer: Version
  readonly loserVer: Version
  /** null: a delete. */
  readonly winner: RowImage | null
  /** For a losing delete, the row it removed. */
  readonly loserImage: RowImage | null
}

/** A batch of source transactions, thought through: what to write and what to note, in one transaction of the target. */
export interface Plan {
  readonly writes: readonly RowWrite[]
  readonly conflicts: readonly Conflict[]
}

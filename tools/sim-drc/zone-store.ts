import type { RowImage } from '@ezone/sdk/model'
import { keyId } from '../../src/drc/core/keys.ts'
import { isOwn } from '../../src/drc/core/origin.ts'
import { tombstoneTable } from '../../src/drc/core/own-rows.ts'
import type { Conflict, LocalRow, RowKey, SourceChange } from '../../src/drc/core/types.ts'
import { stamp } from './stamp.ts'

/** A server rolls a transaction back whose client has said nothing for so long (`wait_timeout`). */
const silentMsMax = 300

export interface Committed {
  readonly tag: string
  readonly gno: number
  readonly atMs: number
  readonly changes: readonly SourceChange[]
  /** What really happened, for the judge alone: nobody in the simulation reads it. */
  readonly madeHere: boolean
}

export interface Noted extends Conflict {
  readonly source: string
  readonly takenEpoch: number
}

/** The store broke off: a lock somebody else holds, a connection that is gone. Nothing of the transaction is left. */
export class StoreTrouble extends Error {}

const nothing: LocalRow = { row: null, ver: 0n, tombstone: 0n }

/**
 * MySQL of one zone, as far as replication can tell: rows under locks, transactions that happen whole or not at all, a
 * binlog with numbered transactions, triggers that stamp what is written in sessions without a tag.
 */
export class ZoneStore {
  readonly name: string
  readonly zone: number
  readonly keys = new Map<string, LocalRow>()
  readonly positions = new Map<string, number>()
  readonly conflicts: Noted[] = []
  readonly binlog: Committed[] = []
  /** Every move of a position that was committed. */
  readonly moves: { readonly source: string; readonly from: number; readonly to: number }[] = []
  /** Set at an unplanned takeover by this zone. */
  takenEpoch = 0
  readonly #nowMs: () => number
  readonly #locks = new Map<string, StoreTransaction>()
  readonly #numbers = new Map<string, number>()
  readonly keepsTombstones: boolean

  constructor(name: string, zone: number, nowMs: () => number, keepsTombstones: boolean) {
    this.name = name
    this.zone = zone
    this.#nowMs = nowMs
    this.keepsTombstones = keepsTombstones
  }

  get nowMs(): number {
    return this.#nowMs()
  }

  /** Number of the last transaction that was made here. */
  get lastOwn(): number {
    return this.#numbers.get('') ?? 0
  }

  begin(tag: string, madeHere: boolean): StoreTransaction {
    return new StoreTransaction(this, this.#locks, tag, madeHere)
  }

  /** Stops at once and starts again: what was committed is there, what was open is not. */
  restart(): void {
    for (const holder of new Set(this.#locks.values())) holder.rollBack()
  }

  commit(transaction: StoreTransaction): void {
    const { tag, changes, madeHere } = transaction
    const gno = (this.#numbers.get(tag) ?? 0) + 1
    this.#numbers.set(tag, gno)
    for (const [id, row] of transaction.rows) this.keys.set(id, row)
    for (const [source, move] of transaction.moves) {
      this.positions.set(source, move.to)
      this.moves.push({ source, ...move })
    }
    this.conflicts.push(...transaction.conflicts)
    this.binlog.push({ tag, gno, atMs: this.nowMs, changes, madeHere })
  }

  /** Whether a transaction has lost its connection for being silent. */
  isSilent(transaction: StoreTransaction): boolean {
    return this.nowMs - transaction.heardMs > silentMsMax
  }
}

export class StoreTransaction {
  readonly tag: string
  readonly madeHere: boolean
  readonly rows = new Map<string, LocalRow>()
  readonly moves = new Map<string, { readonly from: number; readonly to: number }>()
  readonly changes: SourceChange[] = []
  readonly conflicts: Noted[] = []
  heardMs: number
  #open = true
  readonly #store: ZoneStore
  readonly #locks: Map<string, StoreTransaction>

  constructor(store: ZoneStore, locks: Map<string, StoreTransaction>, tag: string, madeHere: boolean) {
    this.#store = store
    this.#locks = locks
    this.tag = tag
    this.madeHere = madeHere
    this.heardMs = store.nowMs
  }

  /** Locks until the end, also what does not exist. @throws StoreTrouble where somebody else has it */
  lock(id: string): void {
    this.#hear()
    const holder = this.#locks.get(id)
    if (holder !== undefined && holder !== this) {
      if (!this.#store.isSilent(holder)) {
        this.rollBack()
        throw new StoreTrouble(`${id} is locked`)
      }
      holder.rollBack()
    }
    this.#locks.set(id, this)
  }

  read(key: RowKey): LocalRow {
    this.lock(keyId(key))
    return this.rows.get(keyId(key)) ?? this.#store.keys.get(keyId(key)) ?? nothing
  }

  position(source: string): number {
    this.lock(`position of ${source}`)
    return this.moves.get(source)?.to ?? this.#store.positions.get(source) ?? 0
  }

  /** Inserts or updates. In a session without a tag the trigger gives the version, else `image` has it. */
  put(key: RowKey, image: RowImage, nowUs: bigint): bigint {
    const here = this.read(key)
    const ver = this.#triggers ? this.#stamp(here, nowUs) : BigInt(String(image.drc_ver))
    const row = { ...image, drc_ver: String(ver) }
    this.rows.set(keyId(key), { row, ver, tombstone: here.tombstone })
    this.changes.push({ table: key.table, op: here.row ? 'update' : 'insert', before: here.row, after: row })
    return ver
  }

  /** Deletes, and leaves a tombstone. @param applied version of a delete that was made elsewhere */
  remove(key: RowKey, nowUs: bigint, applied: bigint): bigint {
    const here = this.read(key)
    const ver = this.#triggers ? this.#stamp(here, nowUs) : applied
    this.rows.set(keyId(key), { row: null, ver: 0n, tombstone: this.#store.keepsTombstones ? ver : 0n })
    if (here.row) this.changes.push({ table: key.table, op: 'delete', before: here.row, after: null })
    const grave = { tbl: key.table, pk: { base64: Buffer.from(key.pk).toString('base64') }, drc_ver: String(ver) }
    this.changes.push({ table: tombstoneTable, op: 'insert', before: null, after: grave })
    return ver
  }

  commit(): void {
    this.#hear()
    this.#store.commit(this)
    this.rollBack()
  }

  /** Lets go of everything; nothing where it was committed. */
  rollBack(): void {
    this.#open = false
    for (const [id, holder] of this.#locks) if (holder === this) this.#locks.delete(id)
  }

  get #triggers(): boolean {
    return isOwn(this.tag)
  }

  #stamp({ ver, tombstone }: LocalRow, nowUs: bigint): bigint {
    return stamp({ nowUs, seen: ver > tombstone ? ver : tombstone, zone: this.#store.zone })
  }

  #hear(): void {
    if (this.#open && this.#store.isSilent(this)) this.rollBack()
    if (!this.#open) throw new StoreTrouble('the connection is gone')
    this.heardMs = this.#store.nowMs
  }
}

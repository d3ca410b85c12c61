import { keyId } from '../../src/drc/core/keys.ts'
import { registerOf } from '../../src/drc/core/resolve.ts'
import type { Conflict, LocalRow, RowKey, SourceChange } from '../../src/drc/core/types.ts'
import { Locks } from './locks.ts'
import { type RowState, StoreTransaction } from './store-transaction.ts'

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

/**
 * MySQL of one zone, as far as replication can tell: rows under locks, transactions that happen whole or not at all, a
 * binlog with numbered transactions.
 */
export class ZoneStore {
  readonly name: string
  readonly locks = new Locks<StoreTransaction>((holder) => this.isSilent(holder))
  readonly positions = new Map<string, number>()
  readonly conflicts: Noted[] = []
  /** Those of them that asked for a lock and have got it. */
  readonly struck = new Set<Noted>()
  readonly binlog: Committed[] = []
  /** Every move of a position that was committed. */
  readonly moves: { readonly source: string; readonly from: number; readonly to: number }[] = []
  /** What must never be, in words. */
  readonly setbacks: string[] = []
  /** Set at an unplanned takeover by this zone. */
  takenEpoch = 0
  readonly #rows = new Map<string, RowState>()
  readonly #graves = new Map<string, bigint>()
  readonly #numbers = new Map<string, number>()
  readonly #nowMs: () => number
  readonly #keepsTombstones: boolean

  constructor(name: string, nowMs: () => number, keepsTombstones: boolean) {
    this.name = name
    this.#nowMs = nowMs
    this.#keepsTombstones = keepsTombstones
  }

  get nowMs(): number {
    return this.#nowMs()
  }

  /** Number of the last transaction that was made here. */
  get lastOwn(): number {
    return this.#numbers.get('') ?? 0
  }

  /** Whether a transaction has lost its connection for saying nothing. */
  isSilent({ heardMs }: StoreTransaction): boolean {
    return this.nowMs - heardMs > silentMsMax
  }

  /** What is committed under a key. */
  read(key: RowKey): LocalRow {
    const id = keyId(key)
    return { ...(this.#rows.get(id) ?? { row: null, ver: 0n }), tombstone: this.#graves.get(id) ?? 0n }
  }

  begin(tag: string, madeHere: boolean): StoreTransaction {
    return new StoreTransaction(this, tag, madeHere)
  }

  /** Stops at once and starts again: what was committed is there, what was open is not. */
  restart(): void {
    for (const holder of this.locks.holders()) holder.rollBack()
  }

  move(moves: ReadonlyMap<string, { readonly from: number; readonly to: number }>): void {
    for (const [source, move] of moves) {
      this.positions.set(source, move.to)
      this.moves.push({ source, ...move })
    }
  }

  commit({ tag, changes, madeHere, written, moves, conflicts, struck }: StoreTransaction): void {
    const gno = (this.#numbers.get(tag) ?? 0) + 1
    this.#numbers.set(tag, gno)
    for (const { key, state, grave } of written.values()) {
      const before = this.read(key)
      if (state !== undefined) this.#rows.set(keyId(key), state)
      if (grave !== undefined && this.#keepsTombstones) this.#graves.set(keyId(key), grave)
      const after = this.read(key)
      if (registerOf(after) < registerOf(before)) this.setbacks.push(`${key.pk} goes back, by ${tag || 'a client'}`)
      if (after.row !== null && after.ver <= after.tombstone)
        this.setbacks.push(`${key.pk} lives below its tombstone, by ${tag || 'a client'}`)
    }
    this.move(moves)
    this.conflicts.push(...conflicts)
    for (const conflict of struck) this.struck.add(conflict)
    this.binlog.push({ tag, gno, atMs: this.nowMs, changes, madeHere })
  }
}

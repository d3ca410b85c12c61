import type { RowImage } from '@ezone/sdk/model'
import { keyId } from '../../src/drc/core/keys.ts'
import { tombstoneTable } from '../../src/drc/core/own-rows.ts'
import type { LocalRow, RowKey, SourceChange } from '../../src/drc/core/types.ts'
import { StoreTrouble } from './locks.ts'
import type { Noted, ZoneStore } from './zone-store.ts'

export interface RowState {
  readonly row: RowImage | null
  readonly ver: bigint
}

interface Written {
  readonly key: RowKey
  readonly state?: RowState
  readonly grave?: bigint
}

const rowOf = (key: RowKey) => `row ${keyId(key)}`
const graveOf = (key: RowKey) => `tombstone ${keyId(key)}`

/** One open transaction; nobody else sees what it writes before it commits, but everybody meets its locks. */
export class StoreTransaction {
  readonly tag: string
  readonly madeHere: boolean
  readonly written = new Map<string, Written>()
  readonly moves = new Map<string, { readonly from: number; readonly to: number }>()
  readonly changes: SourceChange[] = []
  readonly conflicts: Noted[] = []
  /** Conflicts whose row is locked by it. */
  readonly struck: Noted[] = []
  heardMs: number
  #open = true
  readonly #store: ZoneStore

  constructor(store: ZoneStore, tag: string, madeHere: boolean) {
    this.#store = store
    this.tag = tag
    this.madeHere = madeHere
    this.heardMs = store.nowMs
  }

  /** The newest that is committed, or its own. */
  peek(key: RowKey): LocalRow {
    this.#hear()
    const own = this.written.get(keyId(key))
    const committed = this.#store.read(key)
    const { row, ver } = own?.state ?? committed
    return { row, ver, tombstone: own?.grave ?? committed.tombstone }
  }

  /** SELECT ... FOR UPDATE at READ COMMITTED: what is not there is not locked. */
  row(key: RowKey): RowState {
    this.#lockIf(this.peek(key).row !== null, rowOf(key))
    return this.peek(key)
  }

  /** The same for the tombstone. */
  tombstone(key: RowKey): bigint {
    this.#lockIf(this.peek(key).tombstone > 0n, graveOf(key))
    return this.peek(key).tombstone
  }

  /** SELECT ... FOR SHARE at REPEATABLE READ: nobody buries anything under this key until the end, also where nothing is. */
  tombstoneForShare(key: RowKey): bigint {
    this.#hear()
    this.#store.locks.share(graveOf(key), this)
    return this.peek(key).tombstone
  }

  position(source: string): number {
    this.#hear()
    this.#store.locks.alone(`position of ${source}`, this)
    return this.moves.get(source)?.to ?? this.#store.positions.get(source) ?? 0
  }

  /** @throws StoreTrouble for a duplicate key */
  insert(key: RowKey, image: RowImage): void {
    this.#hear()
    this.#store.locks.alone(rowOf(key), this)
    if (this.peek(key).row !== null) throw new StoreTrouble(`${key.pk} is there already`)
    this.#write(key, 'insert', image)
  }

  /** The row is there, and locked. */
  update(key: RowKey, image: RowImage): void {
    this.#write(key, 'update', image)
  }

  /** The row is there, and locked. */
  delete(key: RowKey): void {
    this.#write(key, 'delete', null)
  }

  /** Never to an older version. */
  bury(key: RowKey, ver: bigint): void {
    this.#hear()
    this.#store.locks.alone(graveOf(key), this)
    const { tombstone } = this.peek(key)
    this.written.set(keyId(key), { ...this.written.get(keyId(key)), key, grave: ver > tombstone ? ver : tombstone })
    const after = { tbl: key.table, pk: { base64: Buffer.from(key.pk).toString('base64') }, drc_ver: String(ver) }
    this.changes.push({ table: tombstoneTable, op: 'insert', before: null, after })
  }

  /** What nobody should do: the positions apart from the rows they cover. */
  commitMoves(): void {
    this.#store.move(this.moves)
    this.moves.clear()
  }

  commit(): void {
    this.#hear()
    this.#store.commit(this)
    this.rollBack()
  }

  /** Lets go of everything; nothing where it was committed. */
  rollBack(): void {
    this.#open = false
    this.#store.locks.release(this)
  }

  #write(key: RowKey, op: SourceChange['op'], row: RowImage | null): void {
    const before = this.peek(key).row
    const state = { row, ver: BigInt(String(row?.drc_ver ?? 0)) }
    this.written.set(keyId(key), { ...this.written.get(keyId(key)), key, state })
    this.changes.push({ table: key.table, op, before: op === 'insert' ? null : before, after: row })
  }

  #lockIf(there: boolean, id: string): void {
    if (there) this.#store.locks.alone(id, this)
    else this.#store.locks.probe(id, this)
  }

  #hear(): void {
    if (this.#open && this.#store.isSilent(this)) this.rollBack()
    if (!this.#open) throw new StoreTrouble('the connection is gone')
    this.heardMs = this.#store.nowMs
  }
}

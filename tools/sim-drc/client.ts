import type { RowImage } from '@ezone/sdk/model'
import { type Ground, ordersTable, type Zone } from './ground.ts'
import { patiently, StoreTrouble } from './locks.ts'
import type { Write } from './script.ts'
import type { StoreTransaction } from './store-transaction.ts'
import { stampedDelete, stampedInsert, stampedUpdate } from './triggers.ts'
import type { Process } from './world.ts'

/** A write that was committed where it was made; what the judge measures everything by. */
export interface OwnWrite {
  readonly zone: string
  readonly key: string
  readonly op: 'insert' | 'update' | 'delete'
  readonly ver: bigint
  /** The version it replaced, of a row or of a tombstone: all its writer can have known. */
  readonly saw: bigint
  readonly image: RowImage | null
  readonly epoch: number
}

/** A service of the zone: one transaction, statement by statement, others in between. */
export class Client {
  readonly #ground: Ground
  readonly #zone: Zone
  readonly #process: Process

  constructor(ground: Ground, zone: Zone, process: Process) {
    this.#ground = ground
    this.#zone = zone
    this.#process = process
  }

  /** What was committed; nothing where the store refused. */
  async run({ statements }: Write): Promise<readonly OwnWrite[]> {
    const open = this.#zone.store.begin('', true)
    const made: OwnWrite[] = []
    try {
      for (const statement of statements) {
        const write = await this.#statement(open, statement)
        if (write !== undefined) made.push(write)
      }
      await this.#process.wait(0, 3)
      open.commit()
      return made
    } catch (error) {
      if (error instanceof StoreTrouble) return []
      throw error
    } finally {
      open.rollBack()
    }
  }

  async #statement(
    open: StoreTransaction,
    { key: id, want, value }: Write['statements'][number],
  ): Promise<OwnWrite | undefined> {
    const key = { table: ordersTable, pk: id }
    const pace = { moment: () => this.#process.wait(0, 3), locked: this.#patience(open) }
    const site = this.#ground.site(this.#zone)
    await this.#process.wait(0, 12)
    const { row } = await pace.locked(() => open.row(key))
    const { ver, tombstone } = open.peek(key)
    const saw = ver > tombstone ? ver : tombstone
    const epoch = this.#zone.epoch
    const base = { zone: this.#zone.name, key: id, saw, epoch }
    // A suspect row is nobody's to write before somebody has looked at it.
    if (row?.locked === 1) return undefined
    if (want === 'remove') {
      if (row === null) return undefined
      // A delete has no image of its own, so all it carries is the epoch of the row that it removes.
      const given = await stampedDelete(open, { key, site }, pace)
      return { ...base, epoch: Number(row.epoch), op: 'delete', ver: given, image: null }
    }
    const image = { id, shard: 31, epoch, value }
    const given = row
      ? stampedUpdate(open, { key, image, site })
      : await stampedInsert(open, { key, image, site }, pace)
    return { ...base, op: row ? 'update' : 'insert', ver: given, image: { ...image, drc_ver: String(given) } }
  }

  #patience(open: StoreTransaction) {
    return <T>(step: () => T): Promise<T> => patiently(this.#process, open, step)
  }
}

import type { LogRecord } from '@ezone/sdk/model'
import { fold, type KeyWrite } from '../../src/drc/apply/fold.ts'
import type { LogReader, TargetStore, TargetTransaction } from '../../src/drc/core/applier.ts'
import { keyId } from '../../src/drc/core/keys.ts'
import { appliedTag } from '../../src/drc/core/origin.ts'
import type { Locals } from '../../src/drc/core/plan.ts'
import { firstUnapplied, judge } from '../../src/drc/core/positions.ts'
import { graveAfter } from '../../src/drc/core/second-look.ts'
import type { LocalRow, Position, RowKey } from '../../src/drc/core/types.ts'
import { asIfSame } from './bugs.ts'
import { type Ground, readRecord, type Zone } from './ground.ts'
import { patiently, StoreTrouble } from './locks.ts'
import type { StoreTransaction } from './store-transaction.ts'
import { stampedDelete, stampedInsert, stampedUpdate } from './triggers.ts'
import type { Process } from './world.ts'

/** Reads the log of another zone through the link. */
export class SimLogReader implements LogReader {
  readonly #ground: Ground
  readonly #source: Zone
  readonly #target: Zone
  readonly #process: Process
  readonly #fromStart: boolean
  #next: number | undefined
  #broker: AbortController
  /** Whether the last read came to the end of the log. */
  quiet = false

  /** @param fromStart begin with the oldest record, not with the first that seems not to be applied */
  constructor(
    ground: Ground,
    { source, target }: { source: Zone; target: Zone },
    process: Process,
    fromStart: boolean,
  ) {
    this.#ground = ground
    this.#source = source
    this.#target = target
    this.#process = process
    this.#fromStart = fromStart
    this.#broker = source.broker
  }

  async read(): Promise<readonly LogRecord[]> {
    this.#next ??= this.#fromStart ? 0 : await this.#locate()
    const { log } = this.#source
    this.quiet = this.#next >= log.length
    if (this.quiet) await this.#process.wait(10, 30)
    await this.#cross()
    if (this.#broker !== this.#source.broker || this.#next > log.length) {
      // Where it was is no more, or may be something else: it looks again, as after OFFSET_OUT_OF_RANGE.
      this.#broker = this.#source.broker
      this.#next = undefined
      return []
    }
    // A record may come twice, as after a reconnection.
    const again = this.#process.rarely(30) ? Math.floor(this.#process.chance() * 6) : 0
    const from = Math.max(0, this.#next - again)
    const found = log.slice(from, from + 1 + again + Math.floor(this.#process.chance() * 12)).map(readRecord)
    await this.#cross()
    if (!this.#ground.healed && this.#process.rarely(10)) throw new StoreTrouble('the broker closed the connection')
    this.#next = from + found.length
    return found
  }

  async #locate(): Promise<number> {
    const { log, name } = this.#source
    const position = this.#target.store.positions.get(name) ?? 0
    await this.#cross()
    const first = await firstUnapplied({ start: 0n, end: BigInt(log.length) }, async (offset) => {
      const text = log[Number(offset)]
      return text !== undefined && judge(position, readRecord(text)) === 'done'
    })
    return Number(first)
  }

  /** Half a round trip. */
  async #cross(): Promise<void> {
    await this.#process.wait(15, 20)
    while (!this.#ground.passes(this.#source.name, this.#target.name)) await this.#process.wait(5, 25)
  }
}

/** The target's store as an applier reaches it: every call takes a moment, in which others go on. */
export class SimTargetStore implements TargetStore {
  readonly #ground: Ground
  readonly #zone: Zone
  readonly #process: Process
  #open: StoreTransaction | undefined

  constructor(ground: Ground, zone: Zone, process: Process) {
    this.#ground = ground
    this.#zone = zone
    this.#process = process
  }

  async positions(source: string): Promise<Position> {
    await this.#process.wait(0, 2)
    return new Map([[this.#ground.uuid(this.#ground.zone(source)), this.#zone.store.positions.get(source) ?? 0]])
  }

  async transaction<T>(source: string, work: (open: TargetTransaction) => Promise<T>): Promise<T> {
    await this.#process.wait(0, 1)
    const tag = this.#bug === 'loop-filter-off' ? '' : appliedTag(source)
    const open = this.#zone.store.begin(tag, false)
    this.#open = open
    try {
      const result = await work(this.#steps(source, open))
      await this.#process.wait(0, 2)
      open.commit()
      if (!this.#ground.healed && this.#process.rarely(20)) throw new StoreTrouble('no answer to the commit')
      await this.#process.wait(0, 2)
      return result
    } finally {
      open.rollBack()
    }
  }

  /** The process is gone: its connection closes. */
  close(): void {
    this.#open?.rollBack()
  }

  get #bug() {
    return this.#ground.bug
  }

  #steps(source: string, open: StoreTransaction): TargetTransaction {
    const { store } = this.#zone
    let takenEpoch = 0
    const found = new Map<string, bigint>()
    return {
      advance: async ({ from, to }) => {
        await this.#process.wait(0, 1)
        if ((await patiently(this.#process, open, () => open.position(source))) !== from) {
          if (this.#bug !== 'no-compare') return false
        }
        open.moves.set(source, { from, to })
        if (this.#bug === 'position-apart') open.commitMoves()
        return true
      },
      find: async (keys) => {
        takenEpoch = store.takenEpoch
        const tombstones = await this.#each(keys, open, (key) => open.tombstone(key))
        const rows = await this.#each(keys, open, (key) => open.row(key))
        for (const [id, ver] of tombstones) found.set(id, ver)
        return this.#locals(rows, tombstones, takenEpoch)
      },
      write: async (plan) => {
        const writes = fold(plan.writes)
        await (open.tag === '' ? this.#writeAsClient(open, writes) : this.#write(open, writes, found))
        if (this.#bug === 'losers-forgotten') return
        open.conflicts.push(...plan.conflicts.map((conflict) => ({ ...conflict, source, takenEpoch })))
      },
    }
  }

  async #each<T>(
    keys: readonly RowKey[],
    open: StoreTransaction,
    look: (key: RowKey) => T,
  ): Promise<ReadonlyMap<string, T>> {
    const seen = new Map<string, T>()
    for (const key of keys) {
      await this.#process.wait(0, 0.5)
      seen.set(keyId(key), await patiently(this.#process, open, () => look(key)))
    }
    return seen
  }

  #locals(
    rows: ReadonlyMap<string, Pick<LocalRow, 'row' | 'ver'>>,
    tombstones: ReadonlyMap<string, bigint>,
    takenEpoch: number,
  ): Locals {
    return {
      local: (key: RowKey & { readonly ver?: bigint }) => {
        const here = rows.get(keyId(key))
        const tombstone = tombstones.get(keyId(key))
        if (here === undefined || tombstone === undefined) throw new Error(`nobody looked for ${key.pk}`)
        if (this.#bug === 'arrival-order') return { row: here.row, ver: 0n, tombstone: 0n }
        if (this.#bug !== 'strict' || key.ver === undefined) return { ...here, tombstone }
        return { row: here.row, ver: asIfSame(here.ver, key.ver), tombstone: asIfSame(tombstone, key.ver) }
      },
      takenEpoch: () => (this.#bug === 'takeover-forgotten' ? 0 : takenEpoch),
    }
  }

  /** In the order of the real one: rows that go, rows that change, new rows, tombstones; then a second look. */
  async #write(open: StoreTransaction, writes: readonly KeyWrite[], found: ReadonlyMap<string, bigint>): Promise<void> {
    const locked = <T>(step: () => T) => patiently(this.#process, open, step)
    for (const kind of ['delete', 'update', 'insert'] as const)
      for (const write of writes.filter((one) => kindOf(one) === kind)) {
        await this.#process.wait(0, 1)
        const { row } = write
        if (row === null) open.delete(write)
        else if (kind === 'update') open.update(write, row)
        else await locked(() => open.insert(write, row))
      }
    for (const write of writes) {
      const { tombstone } = write
      if (tombstone === null) continue
      await this.#process.wait(0, 1)
      await locked(() => open.bury(write, tombstone))
    }
    await this.#process.wait(0, 1)
    if (this.#bug === 'no-second-look') return
    for (const write of writes.filter(({ existed }) => !existed)) {
      const { row } = await locked(() => open.row(write))
      if (write.row === null && row !== null) throw new StoreTrouble(`${write.pk} has come to be`)
      const grave = graveAfter(found.get(keyId(write)), write.tombstone)
      if (write.row !== null && (await locked(() => open.tombstone(write))) !== grave)
        throw new StoreTrouble(`${write.pk} has come and gone`)
    }
  }

  /** Without its tag an applier is a client like others: the triggers give versions of their own. */
  async #writeAsClient(open: StoreTransaction, writes: readonly KeyWrite[]): Promise<void> {
    const site = this.#ground.site(this.#zone)
    const locked = <T>(step: () => T) => patiently(this.#process, open, step)
    const pace = { moment: () => this.#process.wait(0, 1), locked }
    for (const key of writes) {
      if (key.row !== null && key.existed) stampedUpdate(open, { key, image: key.row, site })
      else if (key.row !== null) await stampedInsert(open, { key, image: key.row, site }, pace)
      else if (key.existed) await stampedDelete(open, { key, site }, pace)
    }
  }
}

function kindOf({ existed, row }: KeyWrite): 'delete' | 'update' | 'insert' | undefined {
  if (row !== null) return existed ? 'update' : 'insert'
  return existed ? 'delete' : undefined
}

import type { LogRecord } from '@ezone/sdk/model'
import type { LogReader, TargetStore, TargetTransaction } from '../../src/drc/core/applier.ts'
import { keyId } from '../../src/drc/core/keys.ts'
import { appliedTag } from '../../src/drc/core/origin.ts'
import type { Locals } from '../../src/drc/core/plan.ts'
import { firstUnapplied, judge } from '../../src/drc/core/positions.ts'
import type { LocalRow, Position, RowKey, RowWrite } from '../../src/drc/core/types.ts'
import { asIfSame } from './bugs.ts'
import { type Ground, readRecord, type Zone } from './ground.ts'
import type { Process } from './world.ts'
import { type StoreTransaction, StoreTrouble } from './zone-store.ts'

/** Reads the log of another zone through the link. */
export class SimLogReader implements LogReader {
  readonly #ground: Ground
  readonly #source: Zone
  readonly #target: Zone
  readonly #process: Process
  readonly #fromStart: boolean
  #next: number | undefined

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
  }

  async read(): Promise<readonly LogRecord[]> {
    this.#next ??= this.#fromStart ? 0 : await this.#locate()
    const { log } = this.#source
    while (this.#next >= log.length) await this.#process.wait(1, 15)
    await this.#cross()
    const found = log.slice(this.#next, this.#next + 1 + Math.floor(this.#process.chance() * 12)).map(readRecord)
    await this.#cross()
    if (!this.#ground.healed && this.#process.rarely(10)) throw new StoreTrouble('the broker closed the connection')
    this.#next += found.length
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
    const tag = this.#ground.bug === 'loop-filter-off' ? '' : appliedTag(source)
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

  #steps(source: string, open: StoreTransaction): TargetTransaction {
    const { store } = this.#zone
    let takenEpoch = 0
    return {
      advance: async ({ from, to }) => {
        await this.#process.wait(0, 1)
        if (open.position(source) !== from) return false
        open.moves.set(source, { from, to })
        return true
      },
      find: async (keys) => {
        const rows = new Map<string, LocalRow>()
        takenEpoch = store.takenEpoch
        for (const key of keys) {
          await this.#process.wait(0, 1)
          rows.set(keyId(key), open.read(key))
        }
        return this.#locals(rows, takenEpoch)
      },
      write: async (plan) => {
        for (const write of plan.writes) {
          await this.#process.wait(0, 1)
          this.#write(open, write)
        }
        open.conflicts.push(...plan.conflicts.map((conflict) => ({ ...conflict, source, takenEpoch })))
      },
    }
  }

  #locals(rows: ReadonlyMap<string, LocalRow>, takenEpoch: number): Locals {
    const { bug } = this.#ground
    return {
      local: (key: RowKey & { readonly ver?: bigint }) => {
        const here = rows.get(keyId(key))
        if (here === undefined) throw new Error(`${key.pk} was not locked`)
        if (bug !== 'strict' || key.ver === undefined) return here
        return { row: here.row, ver: asIfSame(here.ver, key.ver), tombstone: asIfSame(here.tombstone, key.ver) }
      },
      takenEpoch: () => takenEpoch,
    }
  }

  #write(open: StoreTransaction, write: RowWrite): void {
    const there = open.read(write).row !== null
    if (there !== (write.op === 'update' || write.op === 'delete'))
      throw new Error(`${write.op} of ${write.pk}, where there is ${there ? 'a' : 'no'} row`)
    const nowUs = this.#ground.nowUs(this.#zone)
    if (write.row) open.put(write, write.row, nowUs)
    else open.remove(write, nowUs, write.ver)
  }
}

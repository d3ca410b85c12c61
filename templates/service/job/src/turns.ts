import type { Claim } from '@ezone/sdk'
import { isDuplicate, type Tx, type ZoneDatabase } from '@ezone/sdk/dal'
import { tables } from './tables.ts'

/** The last turn of a shard. */
export interface Turn {
  readonly shard: number
  /** The zone that had it. */
  readonly zone: string
  /** Of this shard, since the first. */
  readonly turns: number
  readonly lastAtMs: number
}

/** Where it stands what was done for each shard. */
export interface Turns {
  /** Does the work of a shard and writes it down, in one transaction under its fence. False where it is not due. */
  take(claim: Claim, nowMs: number): Promise<boolean>
  /** Undefined before the first turn. */
  last(shard: number, signal: AbortSignal): Promise<Turn | undefined>
}

export const everyMs = 60_000

/** A clock that was set back makes nothing due twice. */
export const isDue = (lastAtMs: number | undefined, nowMs: number): boolean =>
  lastAtMs === undefined || nowMs - lastAtMs >= everyMs

interface TurnRow {
  readonly shard: number
  readonly zone: string
  readonly turns: string
  readonly last_at: Date
}

/** Turns in the MySQL of the zone. */
export class ZoneTurns implements Turns {
  readonly #db: ZoneDatabase
  readonly #zone: string

  constructor(options: { readonly db: ZoneDatabase; readonly zone: string }) {
    this.#db = options.db
    this.#zone = options.zone
  }

  async take(claim: Claim, nowMs: number): Promise<boolean> {
    try {
      return await this.#db.write(claim, (tx) => this.#take(tx, claim, nowMs))
    } catch (error) {
      // Another instance had the first turn of the shard beside this one.
      if (isDuplicate(error)) return false
      throw error
    }
  }

  async #take(tx: Tx, { shard }: Claim, nowMs: number): Promise<boolean> {
    const last = await tx.take<TurnRow>(tables.turns, { shard })
    if (!isDue(last?.last_at.getTime(), nowMs)) return false
    await this.work(tx, shard)
    const turn = { zone: this.#zone, turns: Number(last?.turns ?? 0) + 1, last_at: new Date(nowMs) }
    if (last === undefined) await tx.insert(tables.turns, turn)
    else await tx.update(tables.turns, { shard }, turn)
    return true
  }

  /** Your work for a shard: all of it through `tx`, so that it is done once, together with its turn. */
  async work(_tx: Tx, _shard: number): Promise<void> {}

  async last(wanted: number, signal: AbortSignal): Promise<Turn | undefined> {
    const sql = `SELECT shard, zone, turns, last_at FROM ${tables.turns} WHERE shard = ?`
    const [row] = await this.#db.read<TurnRow>(sql, [wanted], { signal })
    if (row === undefined) return undefined
    const { shard, zone, turns, last_at } = row
    return { shard, zone, turns: Number(turns), lastAtMs: last_at.getTime() }
  }
}

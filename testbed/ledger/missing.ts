import { setTimeout as sleep } from 'node:timers/promises'
import type { MysqlDoor } from '../drc/find-drc.ts'
import { missingIn } from './collect.ts'
import type { Entry } from './history.ts'
import type { RunClock } from './run-clock.ts'

/** A switch moves its shards one after the other: those of a moment are looked up together. */
const gatherMs = 200
const triesMax = 5
const againMs = 400
const idsToldMax = 10_000

export interface MissingWatchOptions {
  readonly doors: readonly MysqlDoor[]
  /** Orders that were acknowledged so far, and their shards. */
  readonly acknowledged: ReadonlyMap<string, number>
  readonly clock: RunClock
  readonly note: (entry: Entry) => void
}

/** Looks, at a switch, what the new owner lacks of what was acknowledged: while the old one is away, what is lost for now. */
export class MissingWatch {
  readonly #options: MissingWatchOptions
  readonly #moved = new Map<string, Set<number>>()
  readonly #looking = new Set<Promise<void>>()

  constructor(options: MissingWatchOptions) {
    this.#options = options
  }

  readonly moved = (zone: string, shards: readonly number[]): void => {
    const gathered = this.#moved.get(zone)
    if (gathered !== undefined) {
      for (const shard of shards) gathered.add(shard)
      return
    }
    this.#moved.set(zone, new Set(shards))
    const looking = this.#lookSoon(zone)
      .catch(() => undefined)
      .finally(() => this.#looking.delete(looking))
    this.#looking.add(looking)
  }

  /** Resolves when all that was begun has ended. */
  async done(): Promise<void> {
    await Promise.all(this.#looking)
  }

  async #lookSoon(zone: string): Promise<void> {
    await sleep(gatherMs)
    const shards = this.#moved.get(zone) ?? new Set()
    this.#moved.delete(zone)
    const { doors, acknowledged, clock, note } = this.#options
    const door = doors.find((one) => one.zone === zone)
    if (door === undefined) return
    const atMs = clock.atMs()
    const ids = [...acknowledged].flatMap(([orderId, shard]) => (shards.has(shard) ? [orderId] : []))
    for (let tries = 1; ; tries++) {
      try {
        const orderIds = (await missingIn(door, ids)).slice(0, idsToldMax)
        note({ type: 'missing', atMs, zone, shards: [...shards], acknowledged: ids.length, orderIds: [...orderIds] })
        return
      } catch (error) {
        if (tries === triesMax) throw error
        await sleep(againMs)
      }
    }
  }
}

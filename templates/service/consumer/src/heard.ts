import type { Claim, FenceRow } from '@ezone/sdk'
import type { ZoneDatabase } from '@ezone/sdk/dal'
import { type Event, isNewer } from './events.ts'
import { tables } from './tables.ts'

/** What was heard of an order. */
export interface Heard {
  readonly orderId: string
  readonly shard: number
  readonly zone: string
  readonly state: string
  readonly version: string
}

/** Where it is kept what was heard. */
export interface HeardOrders {
  fence(shard: number): Promise<FenceRow | undefined>
  /** Under the fence of its shard. False where as much was known already. */
  keep(event: Event, claim: Claim): Promise<boolean>
  find(orderId: string, signal: AbortSignal): Promise<Heard | undefined>
}

interface HeardRow {
  readonly order_id: string
  readonly shard: number
  readonly zone: string
  readonly state: string
  readonly version: string
}

const select = `SELECT order_id, shard, zone, state, version FROM ${tables.heard} WHERE order_id = ?`

/** What was heard, in the MySQL of the zone. */
export class ZoneHeardOrders implements HeardOrders {
  readonly #db: ZoneDatabase
  readonly #zone: string
  readonly #nowMs: () => number

  constructor(options: { readonly db: ZoneDatabase; readonly zone: string; readonly nowMs: () => number }) {
    this.#db = options.db
    this.#zone = options.zone
    this.#nowMs = options.nowMs
  }

  fence(shard: number): Promise<FenceRow | undefined> {
    return this.#db.fence(shard)
  }

  keep({ orderId, state, version }: Event, claim: Claim): Promise<boolean> {
    return this.#db.write(claim, async (tx) => {
      const known = await tx.take<HeardRow>(tables.heard, { order_id: orderId })
      if (!isNewer(version, known?.version)) return false
      const news = { state, version, zone: this.#zone, heard_at: new Date(this.#nowMs()) }
      if (known === undefined) await tx.insert(tables.heard, { order_id: orderId, ...news })
      else await tx.update(tables.heard, { order_id: orderId }, news)
      return true
    })
  }

  async find(orderId: string, signal: AbortSignal): Promise<Heard | undefined> {
    const [row] = await this.#db.read<HeardRow>(select, [orderId], { signal })
    if (row === undefined) return undefined
    const { order_id, ...rest } = row
    return { orderId: order_id, ...rest }
  }
}

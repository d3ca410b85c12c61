import type { Asker, Clock, InternalTag, NewRider, Rider } from '@ezone/sdk'
import type { Done, ZoneDatabase } from '@ezone/sdk/dal'
import { once } from '../repeat.ts'
import { tables } from '../tables.ts'

export interface CreateRider {
  readonly riderId: string
  readonly tag: InternalTag
  readonly rider: NewRider
  readonly asker: Asker
}

/** Takes a rider on, free, once per request key. */
export function createRider(
  { db, clock }: { readonly db: ZoneDatabase; readonly clock: Clock },
  { riderId, tag, rider, asker }: CreateRider,
): Promise<Done<Rider>> {
  const nowMs = Math.floor(clock.nowMs())
  return once(db, { ...asker, asked: `rider ${JSON.stringify(rider)}`, nowMs }, async (tx) => {
    const { name, lat, lng } = rider
    const { cell, zone, shard } = tag
    const since = new Date(nowMs)
    await tx.insert(tables.riders, { rider_id: riderId, cell, zone, name, lat, lng, state: 'free', since })
    return { body: { riderId, zone, shard, cell, name, state: 'free', orderId: null, trips: 0 }, version: '0' }
  })
}

interface RiderRow {
  readonly zone: string
  readonly shard: number
  readonly cell: number
  readonly name: string
  readonly state: Rider['state']
  readonly order_id: string | null
  readonly trips: number
}

/** Undefined where this zone has no such rider. */
export async function findRider(db: ZoneDatabase, riderId: string, signal: AbortSignal): Promise<Rider | undefined> {
  const [row] = await db.read<RiderRow>(`SELECT * FROM ${tables.riders} WHERE rider_id = ?`, [riderId], { signal })
  if (row === undefined) return undefined
  const { zone, shard, cell, name, state, order_id, trips } = row
  return { riderId, zone, shard, cell, name, state, orderId: order_id, trips }
}

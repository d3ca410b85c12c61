import {
  type Asker,
  type Clock,
  type InternalTag,
  type Menu,
  type Merchant,
  menuSchema,
  type NewMerchant,
} from '@ezone/sdk'
import type { Done, ZoneDatabase } from '@ezone/sdk/dal'
import { once } from '../repeat.ts'
import { tables } from '../tables.ts'

export interface CreateMerchant {
  readonly merchantId: string
  readonly tag: InternalTag
  readonly merchant: NewMerchant
  readonly asker: Asker
}

/** Opens a shop, once per request key. */
export function createMerchant(
  { db, clock }: { readonly db: ZoneDatabase; readonly clock: Clock },
  { merchantId, tag, merchant, asker }: CreateMerchant,
): Promise<Done<Merchant>> {
  const nowMs = Math.floor(clock.nowMs())
  return once(db, { ...asker, asked: `merchant ${JSON.stringify(merchant)}`, nowMs }, async (tx) => {
    const { name, lat, lng, menu } = merchant
    const { cell, zone, shard } = tag
    await tx.insert(tables.merchants, {
      merchant_id: merchantId,
      cell,
      zone,
      name,
      lat,
      lng,
      menu: JSON.stringify(menu),
      created_at: new Date(nowMs),
    })
    return { body: { merchantId, zone, shard, cell, name, lat, lng }, version: '0' }
  })
}

/** The menu as the database has it; undefined where it has no such shop. */
export async function findMenu(db: ZoneDatabase, merchantId: string, signal: AbortSignal): Promise<Menu | undefined> {
  const sql = `SELECT name, menu FROM ${tables.merchants} WHERE merchant_id = ?`
  const [row] = await db.read<{ name: string; menu: string }>(sql, [merchantId], { signal })
  return row && menuSchema.parse({ merchantId, name: row.name, menu: JSON.parse(row.menu) })
}

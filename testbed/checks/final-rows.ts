import type { EntryOf, History } from '../ledger/history.ts'
import { perHistory } from './memo.ts'
import { compareVersions, pushTo } from './operations.ts'

export type OrderRow = EntryOf<'order'>
export type FinalRows = RowsAtTheEnd
export const finalRows = perHistory((history) => new RowsAtTheEnd(history))

/** What stood in the stores when the run was over. */
class RowsAtTheEnd {
  readonly orders = new Map<string, OrderRow[]>()
  /** Zones whose rows were read, all of them; of the others nothing can be said. */
  readonly zones: ReadonlySet<string>

  constructor(history: History) {
    for (const row of history.order) pushTo(this.orders, row.orderId, row)
    this.zones = new Set(history.collected.filter(({ why }) => why === null).map(({ zone }) => zone))
  }

  newest(orderId: string): OrderRow | undefined {
    const rows = this.orders.get(orderId)
    return rows?.reduce((best, row) => (compareVersions(row.version, best.version) > 0 ? row : best))
  }
}

/** Zones of the testbed whose rows were not read, or not all. */
export function unreadZones(history: History, rows: FinalRows): readonly string[] {
  return (history.begin[0]?.zones ?? []).filter((zone) => !rows.zones.has(zone))
}

/**
 * Orders that the platform itself says are in doubt: locked somewhere at the end, or with a loser on record. A key may
 * have several columns, so each number in it counts.
 */
export const ordersInDoubt = perHistory(({ conflict, order }: History): ReadonlySet<string> => {
  const ids = new Set(order.filter(({ locked }) => locked).map(({ orderId }) => orderId))
  for (const { key } of conflict) for (const [number] of key.matchAll(/\d+/g)) ids.add(number)
  return ids
})

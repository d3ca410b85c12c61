import { isFinal } from '@ezone/sdk/model'
import type { History } from '../ledger/history.ts'
import { define } from './define.ts'
import { type FinalRows, finalRows, type OrderRow } from './final-rows.ts'
import { perHistory } from './memo.ts'
import { isState, orderOf } from './operations.ts'
import { whyBrokenOff } from './soundness.ts'
import { at } from './words.ts'

/** So many of the orders that were open when the last one was placed must have been looked after from then on. */
const drivenMin = 0.9

/** Only where the run went on until its orders had ended: otherwise it says nothing that some are open. */
export const ordersTerminal = define({
  name: 'orders-terminal',
  statement: 'Every order that is not locked came to its end',
  applies: (history) => whyNotDriven(history) === null,
  missing: (history) =>
    whyBrokenOff(history) ??
    (history.order.length === 0 ? 'no rows of orders were read at the end' : whyNotDriven(history)),
  look(history) {
    const [rows, placed] = [finalRows(history), placedAt(history)]
    const stuck = stuckRows(rows, placed)
    const found = stuck.map(({ orderId, state, zone, version }) => ({
      ids: [orderId],
      size: 1,
      story: () =>
        `order ${orderId}, acknowledged ${at(placed.get(orderId) ?? 0)}, is still ${state} (version ${version}, in ${zone}) and not locked`,
    }))
    return { checked: placed.size, found }
  },
})

/** Ids of orders that should have ended and have not; null where the run did not go on so long. */
export function stuckOrders(history: History): readonly string[] | null {
  if (whyBrokenOff(history) !== null || whyNotDriven(history) !== null) return null
  return stuckRows(finalRows(history), placedAt(history)).map(({ orderId }) => orderId)
}

/** Newest rows of acknowledged orders that are open at the end and not locked. */
function stuckRows(rows: FinalRows, placed: ReadonlyMap<string, number>): readonly OrderRow[] {
  return [...placed.keys()].flatMap((orderId) => {
    const row = rows.newest(orderId)
    const locked = rows.orders.get(orderId)?.some((copy) => copy.locked) ?? false
    return row !== undefined && !locked && isState(row.state) && !isFinal(row.state) ? [row] : []
  })
}

const placedAt = perHistory(({ op }: History): ReadonlyMap<string, number> => {
  const placed = new Map<string, number>()
  for (const { kind, outcome, orderId, answeredMs } of op)
    if (kind === 'place' && outcome === 'ok' && orderId !== null && !placed.has(orderId))
      placed.set(orderId, answeredMs)
  return placed
})

/** Why the history does not show that orders were brought to their end; null where it does. */
const whyNotDriven = perHistory((history: History): string | null => {
  const lastPlacedMs = history.op.reduce((last, op) => (op.kind === 'place' ? Math.max(last, op.sentMs) : last), 0)
  const [ended, after] = [new Set<string>(), new Set<string>()]
  for (const op of history.op) {
    const orderId = orderOf(op) ?? (op.kind === 'read' ? op.subject : null)
    if (orderId === null || op.kind === 'place') continue
    if (op.sentMs >= lastPlacedMs) after.add(orderId)
    else if (op.outcome === 'ok' && isState(op.saw) && isFinal(op.saw)) ended.add(orderId)
  }
  const open = [...placedAt(history).keys()].filter((orderId) => !ended.has(orderId))
  const driven = open.filter((orderId) => after.has(orderId)).length
  if (open.length === 0 || driven >= open.length * drivenMin) return null
  return `the orders were not brought to their end: of ${open.length} open ones ${driven} were looked after`
})

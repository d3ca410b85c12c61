import type { OperationEntry } from '../ledger/history.ts'

/** The business says no and means it: the platform did its work. What was lost or is locked is measured by itself. */
const refusals: ReadonlySet<string> = new Set([
  'EZ_BAD_TRANSITION',
  'EZ_ORDER_LOCKED',
  'EZ_PHONE_TAKEN',
  'EZ_RIDER_BUSY',
  'EZ_UNKNOWN_ORDER',
])

/** True where whoever asked got what the platform owes: an answer that means something. */
export const isServed = ({ outcome, code }: OperationEntry): boolean =>
  outcome === 'ok' || (outcome === 'failed' && code !== null && refusals.has(code))

/** Operations on orders: what shards are there for. */
export const isOfOrders = ({ kind }: OperationEntry): boolean =>
  kind === 'place' || kind === 'advance' || kind === 'read'

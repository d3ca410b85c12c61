import { type OrderState, orderMoves, orderStates } from '@ezone/sdk/model'
import type { History, OperationEntry } from '../ledger/history.ts'
import { perHistory } from './memo.ts'

/** Versions are decimal numbers of up to twenty digits: the longer one is the greater. */
export function compareVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}

/** The zone's number in the low four bits. 10,000 is a multiple of 16, so the last four digits are enough. */
export const zoneOfVersion = (version: string): number => Number(version.slice(-4)) % 16

export const isState = (text: string | null): text is OrderState =>
  text !== null && (orderStates as readonly string[]).includes(text)

const reachable: Readonly<Record<OrderState, ReadonlySet<OrderState>>> = Object.fromEntries(
  orderStates.map((from) => [from, statesFrom(from)]),
) as Record<OrderState, ReadonlySet<OrderState>>

/** True where an order that was `from` may be `to` later on, or still. */
export const mayBecome = (from: OrderState, to: OrderState): boolean => reachable[from].has(to)

function statesFrom(from: OrderState): ReadonlySet<OrderState> {
  return new Set([from, ...orderMoves[from].flatMap((next) => [...statesFrom(next)])])
}

/** The order an operation is about, as far as it is about one and says which. */
export function orderOf({ kind, orderId, subject, saw }: OperationEntry): string | null {
  if (kind === 'place' || kind === 'advance') return orderId ?? subject
  if (kind === 'read') return orderId ?? (isState(saw) ? subject : null)
  return null
}

/** The state of the order that an ok answer showed. */
export function stateOf({ kind, saw, wanted }: OperationEntry): OrderState | null {
  if (isState(saw)) return saw
  if (kind === 'advance' && isState(wanted)) return wanted
  return kind === 'place' ? 'created' : null
}

export const isOrderWrite = ({ kind }: OperationEntry): boolean => kind === 'place' || kind === 'advance'

/**
 * When the request behind an operation was first sent. Who repeats a request under its key may be told what the first
 * one came to, so it can have happened at any time since.
 */
export const firstSent = perHistory((history: History): ((op: OperationEntry) => number) => {
  const first = new Map<string, number>()
  for (const { key, sentMs } of history.op) {
    if (key === null) continue
    const known = first.get(key)
    if (known === undefined || sentMs < known) first.set(key, sentMs)
  }
  return ({ key, sentMs }) => (key === null ? sentMs : (first.get(key) ?? sentMs))
})

export function pushTo<K, T>(groups: Map<K, T[]>, key: K, item: T): void {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [item])
  else group.push(item)
}

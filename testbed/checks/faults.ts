import type { History } from '../ledger/history.ts'

/** A fault from when it was in force until it was removed; `untilMs` is infinite where nobody saw its end. */
export interface FaultSpan {
  readonly id: string
  readonly kind: string
  readonly target: string
  readonly fromMs: number
  readonly untilMs: number
}

export function faultSpans({ fault }: History): readonly FaultSpan[] {
  const ended = new Map(fault.filter(({ phase }) => phase === 'ended').map(({ id, atMs }) => [id, atMs]))
  const seen = new Set<string>()
  return fault
    .filter(({ phase, id }) => phase === 'in-force' && !seen.has(id) && seen.add(id))
    .map(({ id, kind, target, atMs }) => ({ id, kind, target, fromMs: atMs, untilMs: ended.get(id) ?? Infinity }))
    .toSorted((a, b) => a.fromMs - b.fromMs)
}

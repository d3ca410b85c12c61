import type { Clock } from '@ezone/sdk/model'
import type { Op, Plan } from './plan.ts'

/** When an operation began and ended, milliseconds after the plan began. */
export interface OpTime {
  readonly id: string
  readonly beginMs: number
  readonly endMs: number
  readonly needs: readonly string[]
}

export interface ExecuteOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly perform: (op: Op, signal: AbortSignal) => Promise<void>
  readonly onOp: (op: Op, state: 'begun' | 'done' | 'failed', ms: number) => void
  /** Of those that may begin at once, the smallest number goes first: the slowest server shall not wait. */
  readonly rank: (op: Op) => number
}

/**
 * Performs a plan: each operation as soon as those it needs are done. The first failure aborts the others and is thrown;
 * nothing is undone here, that is for the caller, who knows what the plan was for.
 */
export async function execute(plan: Plan, options: ExecuteOptions): Promise<readonly OpTime[]> {
  const { clock } = options
  const begin = clock.monotonicMs()
  const failed = new AbortController()
  const signal = AbortSignal.any([options.signal, failed.signal])
  const ids = new Set(plan.ops.map((op) => op.id))
  const running = new Map<string, Promise<void>>()
  const times: OpTime[] = []

  const run = async (op: Op): Promise<void> => {
    await Promise.all(op.needs.filter((id) => ids.has(id)).map((id) => running.get(id)))
    signal.throwIfAborted()
    const beginMs = clock.monotonicMs() - begin
    options.onOp(op, 'begun', 0)
    try {
      await options.perform(op, signal)
    } catch (error) {
      options.onOp(op, 'failed', clock.monotonicMs() - begin - beginMs)
      failed.abort(error)
      throw error
    }
    const endMs = clock.monotonicMs() - begin
    times.push({ id: op.id, beginMs, endMs, needs: op.needs })
    options.onOp(op, 'done', endMs - beginMs)
  }

  for (const op of inOrder(plan, options.rank)) running.set(op.id, run(op))
  const results = await Promise.allSettled(running.values())
  options.signal.throwIfAborted()
  if (failed.signal.aborted) throw failed.signal.reason
  const lost = results.find((r) => r.status === 'rejected')
  if (lost) throw lost.reason
  return times
}

/** Needs before needers (a promise must exist before it can be waited for), then by rank. */
function inOrder(plan: Plan, rank: (op: Op) => number): readonly Op[] {
  const byId = new Map(plan.ops.map((op) => [op.id, op]))
  const depth = new Map<string, number>()
  const depthOf = (op: Op, path: readonly string[]): number => {
    if (path.includes(op.id)) throw new TypeError(`the plan needs itself: ${[...path, op.id].join(' -> ')}`)
    const known = depth.get(op.id)
    if (known !== undefined) return known
    const needs = op.needs.flatMap((id) => byId.get(id) ?? [])
    const own = needs.length === 0 ? 0 : 1 + Math.max(...needs.map((n) => depthOf(n, [...path, op.id])))
    depth.set(op.id, own)
    return own
  }
  return plan.ops.toSorted((a, b) => depthOf(a, []) - depthOf(b, []) || rank(a) - rank(b))
}

/** The chain of operations that made the whole take as long as it did, first to last. Pure. */
export function criticalPath(times: readonly OpTime[]): readonly OpTime[] {
  const byId = new Map(times.map((time) => [time.id, time]))
  const path: OpTime[] = []
  let at = times.toSorted((a, b) => b.endMs - a.endMs)[0]
  while (at !== undefined) {
    path.unshift(at)
    const needs = at.needs.flatMap((id) => byId.get(id) ?? [])
    at = needs.toSorted((a, b) => b.endMs - a.endMs)[0]
  }
  return path
}

import type { History } from '../ledger/history.ts'
import { isOfOrders, isServed } from './served.ts'
import { beginOfTrouble } from './times.ts'

/** With fewer operations than this a claim that holds says nothing. */
export const operationsMin = 20
/** Of what the generator meant to send so much must have left in time, and so little have been left out. */
const inTimeMin = 0.99
const droppedMax = 0.01
/** What was not well before anything was broken says nothing about what was broken. */
const wellMin = 0.99

/** Why nothing can be believed of what this history agrees with; null where it is sound. */
export function whyVoid(history: History): string | null {
  const { begin, op, generator } = history
  if (begin.length === 0) return 'the history has no beginning'
  if (op.length < operationsMin) return `the history is too small: ${op.length} operations, at least ${operationsMin}`
  if (!op.some(({ outcome }) => outcome === 'ok')) return 'not one operation was answered ok'
  return whyBrokenOff(history) ?? whyOverloaded(generator) ?? whyUnwell(history)
}

/** Why what stood in the stores at the end is not known. */
export function whyBrokenOff({ end }: History): string | null {
  const last = end.at(-1)
  if (last === undefined) return 'the history breaks off: it has no end'
  return last.interrupted ? 'the run was interrupted' : null
}

function whyUnwell(history: History): string | null {
  // From when a fault is asked for it may hurt: servers are killed one by one before all of it is in force.
  const asked = history.fault.map(({ atMs }) => atMs)
  const t0 = Math.min(beginOfTrouble(history) ?? 0, ...asked)
  const before = history.op.filter((op) => isOfOrders(op) && op.answeredMs < t0)
  const served = before.filter(isServed).length
  return served >= before.length * wellMin
    ? null
    : `all was not well before the trouble began: ${served} of ${before.length} operations on orders were served`
}

function whyOverloaded(generators: History['generator']): string | null {
  if (generators.length === 0) return 'the load generator does not say how well it kept its word'
  const sum = (key: 'intended' | 'inTime' | 'dropped') => generators.reduce((all, one) => all + one[key], 0)
  const [intended, inTime, dropped] = [sum('intended'), sum('inTime'), sum('dropped')]
  if (intended === 0) return 'the load generator meant to send nothing'
  if (dropped > intended * droppedMax)
    return `the load generator was overloaded: it left out ${dropped} of ${intended} operations`
  if (inTime < intended * inTimeMin)
    return `the load generator was overloaded: ${inTime} of ${intended} operations left in time`
  return null
}

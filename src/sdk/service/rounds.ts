import { setTimeout as sleep } from 'node:timers/promises'
import { newTrace } from '../model/index.ts'
import { inTrace } from './current-trace.ts'
import type { ServiceContext } from './frame.ts'

export interface Rounds {
  readonly name: string
  readonly everyMs: number
  /** One round of work, in a trace of its own. */
  round(): Promise<void>
}

/**
 * Does a piece of work again and again until the service ends, one round at a time. A round that fails is told once, and
 * the next comes all the same: what it could not do is still in the database.
 */
export async function runRounds(
  { name, everyMs, round }: Rounds,
  { log, signal }: Pick<ServiceContext, 'log' | 'signal'>,
): Promise<void> {
  let failing = false
  while (!signal.aborted) {
    try {
      await inTrace(newTrace(), round)
      if (failing) log.info(`${name} works again`)
      failing = false
    } catch (error) {
      if (!failing) log.warn({ err: error }, `${name} cannot work; trying on`)
      failing = true
    }
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => {})
  }
}

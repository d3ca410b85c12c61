import type { Clock } from '@ezone/sdk/model'
import type { Runtime } from '../runtimes/runtime.ts'
import { equip } from '../session/equip.ts'
import type { Testbed } from '../session/testbed.ts'

export interface Ground {
  readonly testbed: Testbed
  readonly clock: Clock
  /** Where servers and their templates are kept. */
  readonly cacheFolder: string
}

/** A runtime that knows where the servers are, so that it can start something. What is needed for it is in the cache. */
export async function runtimeAtHand({ testbed, clock, cacheFolder }: Ground, signal: AbortSignal): Promise<Runtime> {
  const options = { cacheFolder, tell: () => undefined, nowMs: () => clock.monotonicMs(), signal }
  return (await equip(testbed, options)).runtime
}

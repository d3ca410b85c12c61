import { setTimeout as sleep } from 'node:timers/promises'
import type { StressResult } from './result.ts'
import { type StressOptions, stress } from './stress.ts'

/** Three seconds a step: enough to see whether it holds. */
const rampMs = 36_000
/** What the load before left to be done is done first. */
const restMs = 3_000

/**
 * A load, and where it was more than could be done, also the highest rate that can: a ramp up to it follows, with the
 * same engine and operations. Loads under a profile of their own, and those ended early, are not followed by one.
 */
export async function stressToLimit(options: StressOptions): Promise<StressResult> {
  const { tell = () => {}, profile = 'steady', signal } = options
  const result = await stress(options)
  if (result.verdict === 'valid' || profile !== 'steady' || result.ok === 0 || result.faults.length > 0) return result
  tell(`${result.heldQps} of ${options.qps} requests/s were done: looking for the highest rate that holds`)
  await sleep(restMs, undefined, { signal })
  const ramp = await stress({ ...options, profile: 'ramp-to-break', forMs: rampMs })
  return { ...result, highestQps: ramp.highestQps, steps: ramp.steps, limitedBy: result.limitedBy ?? ramp.limitedBy }
}

import { parseMix } from '../stress/mix.ts'
import { stress } from '../stress/stress.ts'

const chunkMs = 3_000
const chunksMax = 6
/** Less than any drill asks for: what is slow at this rate has not met its code yet. */
const qps = 40
const okShareMin = 0.99
const p99MsMax = 500

/**
 * Loads the chain for a moment, until it answers as usual: services meet their code in their first seconds, and what a
 * drill sees shall be the platform's. A testbed that stays slow is no obstacle; the drill will say so.
 */
export async function warmUp(name: string, seed: number, signal: AbortSignal): Promise<void> {
  for (let chunk = 0; chunk < chunksMax; chunk++) {
    const load = await stress({
      name,
      qps,
      forMs: chunkMs,
      seed: seed + chunk,
      mix: parseMix('place=70,show=20,pay=10'),
      signal,
    })
    if (load.ok >= load.requests * okShareMin && (load.p99Ms ?? p99MsMax) < p99MsMax) return
  }
}

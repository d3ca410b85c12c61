import type { Clock } from '@ezone/sdk/model'
import type { CredentialsOf } from '../links/measure.ts'
import { patienceMs } from '../links/path-probe.ts'
import type { Path } from '../links/paths.ts'
import { probes } from '../links/probes/registry.ts'
import { quantile } from '../links/quantile.ts'
import { type LinkChange, type Proof, pathKey } from './fault.ts'

const roundTrips = 7
const looksMax = 10

interface Slowing {
  readonly clock: Clock
  readonly credentialsOf: CredentialsOf
  /** True: the paths shall be as fast as before. */
  readonly gone?: boolean
}

/**
 * Measures whether paths take longer as they were told to, or no longer do. The line is half of what was added: above it
 * by the median while the fault lasts (a delay never comes early), below it by the fastest round trip afterwards (a busy
 * machine makes any of them late, but not all of them for ever).
 */
export async function slowed(
  changes: readonly LinkChange[],
  paths: readonly Path[],
  { gone = false, ...options }: Slowing,
  signal: AbortSignal,
): Promise<Proof> {
  const found = await Promise.all(
    paths.map(async (path) => {
      const lineMs = path.askedRttMs + addedMs(changes, path) / 2
      for (let look = 0; look < (gone ? looksMax : 1); look++) {
        const times = await timesOf(path, lineMs, options, signal)
        if (times.length === 0) continue
        if (gone ? Math.min(...times) < lineMs : quantile(times, 0.5) >= lineMs) return null
      }
      return pathKey(path)
    }),
  )
  const against = found.filter((key) => key !== null)
  return { proven: paths.length > 0 && against.length === 0, samples: paths.length, by: 'paths', against }
}

/** What a round trip takes longer. */
function addedMs(changes: readonly LinkChange[], path: Path): number {
  const how = changes.find((change) => change.link === path.link)
  if (how?.how.type !== 'latency') return 0
  return how.how.latencyMs * (how.direction === null ? 2 : 1)
}

async function timesOf(path: Path, lineMs: number, options: Slowing, signal: AbortSignal): Promise<readonly number[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs(path) + roundTrips * 4 * lineMs)])
  const times: number[] = []
  try {
    await using probe = await probes[path.protocol](path.via, options.credentialsOf(path), limit)
    for (let round = 0; round < roundTrips; round++) {
      const beginMs = options.clock.monotonicMs()
      await probe.ping(limit)
      times.push(options.clock.monotonicMs() - beginMs)
    }
  } catch {
    // What was measured before it broke off still counts.
    signal.throwIfAborted()
  }
  return times
}

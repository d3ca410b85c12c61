import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@ezone/sdk/model'
import type { CredentialsOf } from '../links/measure.ts'
import { patienceMs } from '../links/path-probe.ts'
import type { Path } from '../links/paths.ts'
import { probes } from '../links/probes/registry.ts'
import { quantile } from '../links/quantile.ts'
import { type LinkChange, type Proof, pathKey } from './fault.ts'

/** By the median of so many; fewer where they would take longer, since the noise of a machine is no longer for it. */
const roundTripsMax = 7
const roundTripsMs = 3_000
/** Longest that a path may take to be as fast as before. */
const goneMs = 5_000
const againMs = 200

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
      const times = await timesOf(path, { ...options, lineMs, gone }, signal)
      const fits = gone ? times.some((ms) => ms < lineMs) : times.length > 0 && quantile(times, 0.5) >= lineMs
      return fits ? null : pathKey(path)
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

const roundTripsOf = (lineMs: number) => Math.min(roundTripsMax, Math.max(1, Math.floor(roundTripsMs / lineMs)))

/** Some round trips; of a path that shall be fast again as many as it takes until one is, within a time. */
async function timesOf(
  path: Path,
  { clock, credentialsOf, lineMs, gone }: Required<Slowing> & { readonly lineMs: number },
  signal: AbortSignal,
): Promise<readonly number[]> {
  const limit = AbortSignal.any([
    signal,
    AbortSignal.timeout(gone ? goneMs : patienceMs(path) + roundTripsMax * 4 * lineMs),
  ])
  const roundTrips = roundTripsOf(lineMs)
  const times: number[] = []
  const isShown = () => (gone ? times.some((ms) => ms < lineMs) : times.length >= roundTrips)
  // A server behind a slow wire may lose its own peers and end the connection: it is asked again when it has them.
  while (!isShown() && !limit.aborted)
    try {
      await using probe = await probes[path.protocol](path.via, credentialsOf(path), limit)
      while (!isShown()) {
        const beginMs = clock.monotonicMs()
        await probe.ping(limit)
        times.push(clock.monotonicMs() - beginMs)
      }
    } catch {
      // What was measured before it broke off still counts.
      signal.throwIfAborted()
      await sleep(againMs, undefined, { signal: limit }).catch(() => undefined)
    }
  return times
}

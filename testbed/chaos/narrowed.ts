import type { Clock } from '@ezone/sdk/model'
import type { CredentialsOf } from '../links/measure.ts'
import { patienceMs } from '../links/path-probe.ts'
import type { Path } from '../links/paths.ts'
import { echoRedis } from '../links/probes/redis.ts'
import { type LinkChange, type Proof, pathKey } from './fault.ts'

/** What is sent takes about so long one way, if the way is as narrow as asked. */
const wayMs = 1_000
/** More is not sent, so that a way that is hardly narrow is read back instead. */
const bytesMax = 512 * 1_000

/**
 * Measures whether paths are as narrow as they were told to be, or no longer are: a text that takes a second each way is
 * sent there and back. The line is half of that, since half of it may be on its way before anything is held up. Only Redis
 * echoes; null where no path leads to one, or where a second holds more than it takes.
 */
export async function narrowed(
  changes: readonly LinkChange[],
  paths: readonly Path[],
  {
    clock,
    credentialsOf,
    gone,
  }: { readonly clock: Clock; readonly credentialsOf: CredentialsOf; readonly gone: boolean },
  signal: AbortSignal,
): Promise<Proof | null> {
  const asked = paths.flatMap((path) => {
    const change = changes.find(({ link }) => link === path.link)
    if (path.protocol !== 'redis' || change?.how.type !== 'bandwidth') return []
    // Thousands of bytes a second are bytes a millisecond.
    const bytes = change.how.kbPerSecond * wayMs
    return bytes > bytesMax ? [] : [{ path, bytes, ways: change.direction === null ? 2 : 1 }]
  })
  if (asked.length === 0) return null
  const found = await Promise.all(
    asked.map(async ({ path, bytes, ways }) => {
      const lineMs = path.askedRttMs + (ways * wayMs) / 2
      const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs(path) + 4 * ways * wayMs)])
      const ms = await echoRedis(path.via, credentialsOf(path), { bytes, clock }, limit).catch(() => null)
      signal.throwIfAborted()
      return ms !== null && (gone ? ms < lineMs : ms >= lineMs) ? null : pathKey(path)
    }),
  )
  const against = found.filter((key) => key !== null)
  return { proven: against.length === 0, samples: asked.length, by: 'paths', against }
}

import { routerStatsSchema } from '@ezone/sdk/model'
import { servicesOf } from '../gzs/find-gzs.ts'

const askMs = 1_000

/** What the routers have seen, all of them together; null where one does not answer. */
export interface RouterCounts {
  /** Requests that were answered with an error since a zone, or the shard's new owner, could not be reached in time. */
  readonly failed: number
  /** The longest that one was held in the last minute. */
  readonly longestHoldMs: number
}

export async function routerCounts(name: string, signal: AbortSignal): Promise<RouterCounts | null> {
  const routers = await servicesOf(name, 'router')
  const told = await Promise.all(
    routers.map(async ({ host, port }) => {
      const soon = AbortSignal.any([signal, AbortSignal.timeout(askMs)])
      const response = await fetch(`http://${host}:${port}/stats`, { signal: soon }).catch(() => null)
      const stats = routerStatsSchema.safeParse(await response?.json().catch(() => null))
      return stats.success ? stats.data : null
    }),
  )
  const known = told.filter((stats) => stats !== null)
  if (known.length === 0 || known.length < told.length) return null
  return {
    failed: known.reduce((sum, { unreachable, holds }) => sum + unreachable + holds.inVain, 0),
    longestHoldMs: Math.max(...known.map(({ holds }) => holds.longestLatelyMs)),
  }
}

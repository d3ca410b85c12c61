import { routerStatsSchema } from '@ezone/sdk/model'
import { servicesOf } from './find-gzs.ts'

const askMs = 1_000

/** The longest that a request was held at a router in the last minute; null where none tells. */
export async function longestHoldMs(name: string, signal: AbortSignal): Promise<number | null> {
  const routers = await servicesOf(name, 'router')
  const told = await Promise.all(
    routers.map(async ({ host, port }) => {
      const soon = AbortSignal.any([signal, AbortSignal.timeout(askMs)])
      const response = await fetch(`http://${host}:${port}/stats`, { signal: soon }).catch(() => null)
      const stats = routerStatsSchema.safeParse(await response?.json().catch(() => null))
      return stats.success ? [stats.data.holds.longestLatelyMs] : []
    }),
  )
  const known = told.flat()
  return known.length === 0 ? null : Math.max(...known)
}

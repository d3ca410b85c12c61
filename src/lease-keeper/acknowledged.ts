import { type Acknowledged, type Address, acknowledgedSchema, type Suspect } from '@ezone/sdk'
import { limits } from './limits.ts'

export interface AskedEdge {
  readonly shard: number
  readonly sinceMs: number
  /** Writes that this zone did itself are here. */
  readonly butOf: string
  readonly signal: AbortSignal
}

export interface EdgeTold {
  /** Of each order the newest version that was acknowledged, oldest first. */
  readonly orders: readonly Suspect[]
  /** False where a router did not answer, or had forgotten: there may be more. */
  readonly complete: boolean
}

/** What all routers have told clients was done in a shard: each knows what it told itself. */
export async function acknowledgedAtEdge(routers: readonly Address[], asked: AskedEdge): Promise<EdgeTold> {
  const told = await Promise.all(routers.map((router) => pagesOf(router, asked)))
  const newest = new Map<string, string>()
  for (const { orderId, version, zone } of told.flatMap(({ orders }) => orders)) {
    if (zone === asked.butOf) continue
    const known = newest.get(orderId)
    if (known === undefined || BigInt(known) < BigInt(version)) newest.set(orderId, version)
  }
  const orders = [...newest].map(([orderId, version]) => ({ orderId, version }))
  return {
    orders: orders.toSorted((a, b) => (BigInt(a.version) < BigInt(b.version) ? -1 : 1)),
    complete: routers.length > 0 && told.every(({ complete }) => complete),
  }
}

/** All pages of a router, as far as it answers in time. */
async function pagesOf(
  { host, port }: Address,
  { shard, sinceMs, signal }: AskedEdge,
): Promise<Pick<Acknowledged, 'orders' | 'complete'>> {
  const orders: Acknowledged['orders'] = []
  const soon = AbortSignal.any([signal, AbortSignal.timeout(limits.edgeMs)])
  let complete = true
  let after: string | null = '0'
  try {
    for (let pages = 0; after !== null && pages < limits.edgePagesMax; pages++) {
      const query = new URLSearchParams({ shard: String(shard), sinceMs: String(sinceMs), after })
      const response = await fetch(`http://${host}:${port}/acknowledged?${query}`, { signal: soon })
      const page = acknowledgedSchema.parse(await response.json())
      orders.push(...page.orders)
      complete &&= page.complete
      after = page.next
    }
    return { orders, complete: complete && after === null }
  } catch {
    return { orders, complete: false }
  }
}

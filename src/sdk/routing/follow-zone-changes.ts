import type { Counter } from '../service/metrics.ts'
import { type SubscriptionContext, TableSubscription } from './table-subscription.ts'
import { ZoneChanges } from './zone-changes.ts'

/** What it stands on; a ServiceContext is one. */
export interface FollowingContext extends SubscriptionContext {
  readonly metrics: { counter(name: string, help: string): Counter }
}

/**
 * Which shards the zone of a service has, from the routing table of GZS: hooks are told as it changes, and each of them
 * is logged and counted in `ezone_zone_changes_total`. Returns at once: GZS may come later, or go and come again.
 *
 * @throws TypeError where the service stands at an edge, which has no shards
 */
export async function followZoneChanges(context: FollowingContext): Promise<ZoneChanges> {
  const { config, log, metrics, signal } = context
  if (config.zone === null) throw new TypeError('a service at an edge has no shards')
  const table = await TableSubscription.start(context)
  const told = metrics.counter('ezone_zone_changes_total', 'Zone changes that hooks were told of, by what came of it.')
  return new ZoneChanges({ table, zone: config.zone, log, told, signal })
}

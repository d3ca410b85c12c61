import type { History, OperationEntry } from '../ledger/history.ts'

/** Where nobody can say in which zone an operation was, or would have been, done: it came by the edge and got no answer. */
export const nowhere = 'edge'

/**
 * The zone an operation counts for. The platform's word first; without an answer whoever owned the shard when it was
 * sent, then the zone the client sits in, then the zone this client mostly was served by: a client stays in its city.
 */
export function whereabouts(history: History): (operation: OperationEntry) => string {
  const owners = ownersByTime(history)
  const homes = homesOf(history)
  return (operation) =>
    operation.zone ??
    (operation.shard === null ? undefined : owners(operation.shard, operation.sentMs)) ??
    operation.inside ??
    homes.get(operation.client) ??
    nowhere
}

function ownersByTime(history: History): (shard: number, atMs: number) => string | undefined {
  const begun = new Map((history.begin[0]?.shards ?? []).map(({ shard, zone }) => [shard, zone]))
  const changes = Map.groupBy(history.owner, ({ shard }) => shard)
  return (shard, atMs) => changes.get(shard)?.findLast((change) => change.atMs <= atMs)?.zone ?? begun.get(shard)
}

function homesOf(history: History): ReadonlyMap<string, string> {
  const counts = new Map<string, Map<string, number>>()
  for (const { client, zone } of history.op) {
    if (zone === null) continue
    const zones = counts.get(client) ?? new Map<string, number>()
    zones.set(zone, (zones.get(zone) ?? 0) + 1)
    counts.set(client, zones)
  }
  const most = (zones: ReadonlyMap<string, number>) => [...zones].reduce((a, b) => (b[1] > a[1] ? b : a))[0]
  return new Map([...counts].map(([client, zones]) => [client, most(zones)]))
}

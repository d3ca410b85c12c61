import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDivisions } from '@ezone/sdk/model'
import { packageRoot } from '../surroundings/folders.ts'

/** What dealing needs to know of a shard. */
export interface ShardShare {
  readonly shard: string
  /** Inhabitants, census of 2020. */
  readonly people: number
  /** Where the 52/48 split between `bj` and `sh` puts it. */
  readonly home: string
}

/** The shards of data/fences, in the order of their numbers. */
export async function readShardShares(
  file: string = join(packageRoot, 'data', 'fences', 'shards-31.csv'),
): Promise<readonly ShardShare[]> {
  const divisions = parseDivisions(await readFile(file, 'utf8'))
  return divisions.map(({ shard, population, zone }) => ({ shard: String(shard), people: population, home: zone }))
}

/**
 * Which zone has which shard when nobody moves one. For exactly the zones of the 52/48 split that is the split; for any
 * others the shards are dealt by population: the largest first, each to the zone with the fewest people so far.
 *
 * @param wishes shards whose zone the topology names; they are counted first, so that the rest still balances
 */
export function dealShards(
  shares: readonly ShardShare[],
  zones: readonly string[],
  wishes: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const homes = new Set(shares.map((share) => share.home))
  if (homes.size === zones.length && zones.every((zone) => homes.has(zone)))
    return Object.fromEntries(shares.map(({ shard, home }) => [shard, wishes[shard] ?? home]))

  const people = new Map(zones.map((zone) => [zone, 0]))
  const zoneOf = new Map<string, string>()
  const give = (share: ShardShare, zone: string) => {
    zoneOf.set(share.shard, zone)
    people.set(zone, (people.get(zone) ?? 0) + share.people)
  }
  for (const share of shares) {
    const wish = wishes[share.shard]
    if (wish !== undefined) give(share, wish)
  }
  const bySize = shares.toSorted((a, b) => b.people - a.people || Number(a.shard) - Number(b.shard))
  for (const share of bySize) if (!zoneOf.has(share.shard)) give(share, emptiest(people))
  return Object.fromEntries(shares.map(({ shard }) => [shard, zoneOf.get(shard) ?? '']))
}

/** The first of the zones with the fewest people; the order of the zones breaks a tie, so the same file deals the same. */
function emptiest(people: ReadonlyMap<string, number>): string {
  const [first] = [...people].toSorted(([, a], [, b]) => a - b)
  if (first === undefined) throw new TypeError('there is no zone to deal shards to')
  return first[0]
}

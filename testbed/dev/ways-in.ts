import type { Cell } from '@ezone/sdk/model'
import { readGroundData } from '../orders/ground-data.ts'
import type { RouterClient } from '../orders/router-client.ts'

/** A tag that leads to a zone now, as a person may type it. */
export interface WayIn {
  readonly zone: string
  readonly city: string
  readonly tag: string
}

const askedMax = 40

/** For each of these zones a great city that it serves now, by the word of a router. Zones that serve nothing have none. */
export async function waysIn(
  router: Pick<RouterClient, 'explain'>,
  zones: readonly string[],
  signal: AbortSignal,
): Promise<readonly WayIn[]> {
  const { cells } = await readGroundData()
  const found = new Map<string, WayIn>()
  for (const cell of greatest(cells)) {
    const { zone } = await router.explain(tagOf(cell), signal)
    if (!found.has(zone)) found.set(zone, { zone, city: cell.city, tag: tagOf(cell) })
    if (zones.every((name) => found.has(name))) break
  }
  return zones.flatMap((zone) => found.get(zone) ?? [])
}

/** Of every division its greatest city, the greatest first: each of another shard. */
function greatest(cells: readonly Cell[]): readonly Cell[] {
  const byPeople = cells.toSorted((a, b) => b.population - a.population)
  return [...new Map(byPeople.toReversed().map((cell) => [cell.division, cell])).values()]
    .toSorted((a, b) => b.population - a.population)
    .slice(0, askedMax)
}

const tagOf = ({ point }: Cell): string => `geo=${point.lat},${point.lng}`

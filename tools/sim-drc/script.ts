import type { Random } from '../../testbed/demand/random.ts'
import { zoneNames } from './ground.ts'
import { World } from './world.ts'

/** One transaction a client will try: what it wants to do to some keys, one after the other. */
export interface Write {
  readonly atMs: number
  readonly zone: string
  readonly statements: readonly { readonly key: string; readonly want: 'put' | 'remove'; readonly value: number }[]
}

/** What goes wrong, and when. */
export type Trouble =
  | { readonly atMs: number; readonly kind: 'kill' | 'pause'; readonly party: string; readonly forMs: number }
  | {
      readonly atMs: number
      readonly kind: 'cut'
      readonly from: string
      readonly to: string
      readonly forMs: number
    }
  | { readonly atMs: number; readonly kind: 'clock'; readonly zone: string; readonly byMs: number }
  | { readonly atMs: number; readonly kind: 'restart' | 'takeover'; readonly zone: string }
  | { readonly atMs: number; readonly kind: 'broker'; readonly zone: string; readonly loses: number }

/** All that will be tried in one simulated world. It is data, so that a failing one can be made smaller. */
export interface Script {
  readonly seed: number
  /** Per zone: how far its clock is from the true time. */
  readonly skewsMs: readonly number[]
  readonly writes: readonly Write[]
  readonly troubles: readonly Trouble[]
}

/** Clients begin nothing new from here on. */
const busyMs = 1_500
/** A while longer things go wrong; then everything heals. */
export const troubledMs = 2_100

/** Names of the processes of a mesh: a relay per zone, an applier per pair. */
export const relayOf = (zone: string): string => `relay of ${zone}`
export const applierOf = (source: string, target: string): string => `applier of ${source} in ${target}`

export const namesOf = ({ skewsMs }: Pick<Script, 'skewsMs'>): readonly string[] => zoneNames.slice(0, skewsMs.length)

/** @param zones 2 to 4; undefined: as the seed has it */
export function writeScript(seed: number, zones?: number): Script {
  const chance = new World(seed).chance('script')
  const count = zones ?? 2 + below(chance, 3)
  const names = zoneNames.slice(0, count)
  const keys = 2 + below(chance, 5)
  const everyMs = 15 + below(chance, 60)
  return {
    seed,
    skewsMs: names.map(() => (chance() < 0.5 ? 0 : 10 * (below(chance, 40) - 20))),
    writes: names.flatMap((zone) => writesOf(zone, { chance, keys, everyMs })),
    troubles: Array.from({ length: below(chance, 4 * count) }, () => troubleOf(chance, names)),
  }
}

function writesOf(
  zone: string,
  { chance, keys, everyMs }: { readonly chance: Random; readonly keys: number; readonly everyMs: number },
): readonly Write[] {
  const writes: Write[] = []
  for (let atMs = chance() * everyMs; atMs < busyMs; atMs += 2 * everyMs * chance())
    writes.push({
      atMs,
      zone,
      statements: Array.from({ length: 1 + below(chance, 3) }, () => ({
        key: `k${below(chance, keys)}`,
        want: chance() < 0.65 ? 'put' : 'remove',
        value: below(chance, 1000),
      })),
    })
  return writes
}

function troubleOf(chance: Random, names: readonly string[]): Trouble {
  const atMs = Math.floor(chance() * troubledMs)
  const forMs = 20 + below(chance, 600)
  const zone = pick(chance, names)
  const other = pick(
    chance,
    names.filter((name) => name !== zone),
  )
  const party = chance() < 0.4 ? relayOf(zone) : applierOf(other, zone)
  const dice = below(chance, 22)
  if (dice < 7) return { atMs, kind: 'kill', party, forMs: Math.ceil(forMs / 8) }
  if (dice < 11) return { atMs, kind: 'pause', party, forMs }
  if (dice < 15) return { atMs, kind: 'cut', from: zone, to: other, forMs }
  if (dice < 17) return { atMs, kind: 'clock', zone, byMs: 10 * (below(chance, 120) - 80) }
  if (dice < 19) return { atMs, kind: 'restart', zone }
  return dice < 20 ? { atMs, kind: 'takeover', zone } : { atMs, kind: 'broker', zone, loses: below(chance, 6) }
}

const below = (chance: Random, end: number) => Math.floor(chance() * end)
const pick = <T>(chance: Random, items: readonly T[]): T => items[below(chance, items.length)] as T

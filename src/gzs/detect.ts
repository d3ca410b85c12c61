/** What one place sees of the zones: whether each answers, end to end, and since when it is so. */
export interface View {
  readonly place: string
  /** Since it was written. One that is old says nothing. */
  readonly ageMs: number
  readonly zones: Readonly<Record<string, { readonly up: boolean; readonly forMs: number }>>
}

export interface Sight {
  readonly views: readonly View[]
  /** Zones that serve a shard, or take the writes of the Global Zone. */
  readonly serving: ReadonlySet<string>
  /** For so long a zone must have been seen down, without a break. */
  readonly afterMs: number
  /** Since a switch that was begun like this ended; null where there was none. */
  readonly sinceLastMs: number | null
}

export interface Loss {
  readonly from: string
  readonly to: string
  readonly why: string
}

/** A place must have looked this recently to be counted. */
export const viewAgeMsMax = 5_000
/** Never fewer agree. */
export const agreeMin = 2
/**
 * After one automatic switch a person decides, for so long: a zone that comes and goes, or a fault that wanders from one
 * zone to the other, is not followed to and fro.
 */
export const restMs = 600_000

/**
 * The zone to be left, and where to. At least two places must have seen it down all the time, and more than see it up;
 * whoever takes it must be seen up by two. Where two zones are lost nobody is asked to take anything.
 */
export function detectLoss({ views, serving, afterMs, sinceLastMs }: Sight): Loss | undefined {
  if (sinceLastMs !== null && sinceLastMs < restMs) return undefined
  const fresh = onePerPlace(views.filter(({ ageMs }) => ageMs < viewAgeMsMax))
  const zones = [...new Set(fresh.flatMap((view) => Object.keys(view.zones)))].sort()
  const downs = (zone: string) => placesThat(fresh, zone, ({ up, forMs }) => !up && forMs >= afterMs)
  const ups = (zone: string) => placesThat(fresh, zone, ({ up }) => up)
  const isLost = (zone: string) => downs(zone).length >= agreeMin && downs(zone).length > ups(zone).length
  const lost = zones.filter(isLost)
  const [from] = lost
  if (lost.length !== 1 || from === undefined || !serving.has(from)) return undefined
  const to = zones
    .filter((zone) => zone !== from && ups(zone).length >= agreeMin && downs(zone).length === 0)
    .toSorted((a, b) => ups(b).length - ups(a).length)[0]
  if (to === undefined) return undefined
  return { from, to, why: `${downs(from).join(' and ')} see ${from} down for ${afterMs / 1000} s or longer` }
}

type Seen = View['zones'][string]

const placesThat = (views: readonly View[], zone: string, is: (seen: Seen) => boolean): readonly string[] =>
  views.flatMap(({ place, zones }) => (zones[zone] !== undefined && is(zones[zone]) ? [place] : [])).toSorted()

/** Several instances of a place are one vantage point, and a zone is as well as the best of them sees it. */
function onePerPlace(views: readonly View[]): readonly View[] {
  const places = new Map<string, View>()
  for (const view of views) {
    const other = places.get(view.place)
    places.set(view.place, other === undefined ? view : merged(other, view))
  }
  return [...places.values()]
}

function merged(a: View, b: View): View {
  const zones = { ...a.zones }
  for (const [zone, seen] of Object.entries(b.zones)) {
    const other = zones[zone]
    if (other === undefined || (seen.up && !other.up) || (seen.up === other.up && seen.forMs < other.forMs))
      zones[zone] = seen
  }
  return { ...a, zones }
}

import type { Point } from './geo.ts'

/** A province-level division: what a shard is by default. */
export interface Division {
  readonly shard: number
  readonly name: string
  readonly nameZh: string
  /** Census of 2020. */
  readonly population: number
  /** The zone of the 52/48 split by population. */
  readonly zone: string
  readonly centre: Point
}

const head = 'shard,iso,name_en,name_zh,pop2020,share,zone_52_48,center_lng,center_lat'

/** Reads `data/fences/shards-31.csv`. */
export function parseDivisions(csv: string): readonly Division[] {
  const [first, ...lines] = csv.trimEnd().split(/\r?\n/)
  if (first !== head) throw new TypeError(`shards-31.csv: the first line must be ${head}`)
  return lines.map((line) => {
    const [shard, , name, nameZh, population, , zone, lng, lat] = line.split(',')
    if (!shard || !name || !nameZh || !population || !zone || !lng || !lat)
      throw new TypeError(`shards-31.csv: this line does not fit: ${line}`)
    return {
      shard: Number(shard),
      name,
      nameZh,
      population: Number(population),
      zone,
      centre: { lat: Number(lat), lng: Number(lng) },
    }
  })
}

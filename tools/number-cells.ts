import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cell, FenceIndex, formatCells, parseCells, parseFences } from '@ezone/sdk'

const data = join(import.meta.dirname, '..', 'data')

interface City {
  readonly name: string
  readonly label: string
  readonly point: { readonly lat: number; readonly lng: number }
  readonly population: number
}

/**
 * Numbers the cities that have no cell yet, in their order, after the highest number so far. What is numbered stays as
 * it is, for ever: the numbers are in ids.
 *
 * A city's shard is the fence it lies in, or the nearest one when it lies outside all.
 */
export function numberCells(known: readonly Cell[], cities: readonly City[], fences: FenceIndex): readonly Cell[] {
  const key = (city: string, { lat, lng }: City['point']) => `${city} ${lat} ${lng}`
  const numbered = new Set(known.map((cell) => key(cell.city, cell.point)))
  const highest = known.reduce((max, { cell }) => Math.max(max, cell), 0)
  const added = cities
    .filter((city) => !numbered.has(key(city.name, city.point)))
    .map((city, index) => {
      const fence = fences.around(city.point)[0] ?? fences.nearest(city.point, 1)[0]?.fence
      if (fence === undefined) throw new TypeError(`${city.name} is far outside of every fence`)
      return {
        cell: highest + 1 + index,
        city: city.name,
        division: fence.name,
        shard: fence.shard,
        point: city.point,
        population: city.population,
        label: city.label === fence.name ? null : city.label,
      }
    })
  return [...known, ...added]
}

/** Cities and fences, as the sources in data/ have them. */
export async function readSources(): Promise<{ cities: readonly City[]; fences: FenceIndex }> {
  const [, ...lines] = (await readFile(join(data, 'cities', 'cn-populated-places.csv'), 'utf8'))
    .trimEnd()
    .split(/\r?\n/)
  const fences = new FenceIndex(parseFences(await readFile(join(data, 'fences', 'shard-fences-lite.geojson'), 'utf8')))
  const cities = lines.map((line) => {
    const [name = '', label = '', lat, lng, population] = line.split(',')
    return { name, label, point: { lat: Number(lat), lng: Number(lng) }, population: Number(population) }
  })
  return { cities, fences }
}

if (import.meta.main) {
  const file = join(data, 'cells.csv')
  const known = await readFile(file, 'utf8').then(parseCells, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const { cities, fences } = await readSources()
  await writeFile(file, formatCells(numberCells(known, cities, fences)))
}

import type { Point } from './geo.ts'

/** The smallest piece of ground: the surroundings of one city inside one division. Numbered once, never again. */
export interface Cell {
  /** 1..16383; part of every id made there. */
  readonly cell: number
  readonly city: string
  /** English name of the fence it lies in, such as `Jiangxi`. */
  readonly division: string
  /** The shard it belonged to when it was numbered; which one it belongs to now, the routing table says. */
  readonly shard: number
  readonly point: Point
  readonly population: number
  /** The division the source names, where that is another one. Found by both. */
  readonly label: string | null
}

export const cellMax = 16_383

const columns = ['cell', 'city', 'division', 'shard', 'lat', 'lng', 'population', 'label'] as const

/** Reads `data/cells.csv`. No field of it holds a comma; a line that does not fit is an error, not a guess. */
export function parseCells(csv: string): readonly Cell[] {
  const [head, ...lines] = csv.trimEnd().split(/\r?\n/)
  if (head !== columns.join(',')) throw new TypeError(`cells.csv: the first line must be ${columns.join(',')}`)
  const cells = lines.map(parseLine)
  if (new Set(cells.map((c) => c.cell)).size !== cells.length) throw new TypeError('cells.csv: a number is given twice')
  return cells
}

function parseLine(line: string, index: number): Cell {
  const fields = line.split(',')
  const [cell, city, division, shard, lat, lng, population, label] = fields
  const numbers = [cell, shard, lat, lng, population].map((text) => (text ? Number(text) : Number.NaN))
  if (fields.length !== columns.length || !city || !division || numbers.some((n) => !Number.isFinite(n)))
    throw new TypeError(`cells.csv: line ${index + 2} does not fit: ${line}`)
  const [cellNumber = 0, shardNumber = 0, latitude = 0, longitude = 0, people = 0] = numbers
  if (!Number.isInteger(cellNumber) || cellNumber < 1 || cellNumber > cellMax)
    throw new TypeError(`cells.csv: line ${index + 2}: a cell number is 1..${cellMax}`)
  return {
    cell: cellNumber,
    city,
    division,
    shard: shardNumber,
    point: { lat: latitude, lng: longitude },
    population: people,
    label: label || null,
  }
}

/** The other half of `parseCells`. Positions keep four digits (11 m), as their source has them. */
export function formatCells(cells: readonly Cell[]): string {
  const lines = cells.map((c) =>
    [
      c.cell,
      c.city,
      c.division,
      c.shard,
      c.point.lat.toFixed(4),
      c.point.lng.toFixed(4),
      c.population,
      c.label ?? '',
    ].join(','),
  )
  return `${[columns.join(','), ...lines].join('\n')}\n`
}

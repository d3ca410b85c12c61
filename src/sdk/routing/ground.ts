import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cell, CityIndex, type Division, parseCells, parseDivisions } from '../model/index.ts'
import { FenceIndex, parseFences } from './fences.ts'

/** What is known of the ground: fences, cells and their names. The same for everybody who reads the same data. */
export interface Ground {
  readonly fences: FenceIndex
  readonly cells: readonly Cell[]
  readonly divisions: readonly Division[]
  readonly cities: CityIndex
}

/** Reads a data folder: `cells.csv`, `fences/shard-fences-lite.geojson` and `fences/shards-31.csv`. */
export async function readGround(dataDir: string): Promise<Ground> {
  const [cellsText, fencesText, divisionsText] = await Promise.all(
    ['cells.csv', 'fences/shard-fences-lite.geojson', 'fences/shards-31.csv'].map((file) =>
      readFile(join(dataDir, file), 'utf8'),
    ),
  )
  const cells = parseCells(cellsText ?? '')
  const divisions = parseDivisions(divisionsText ?? '')
  return {
    fences: new FenceIndex(parseFences(fencesText ?? '')),
    cells,
    divisions,
    cities: new CityIndex(cells, divisions),
  }
}

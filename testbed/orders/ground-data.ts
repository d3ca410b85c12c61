import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cell, CityIndex, type Division, parseCells, parseDivisions } from '@ezone/sdk/model'
import { packageRoot } from '../surroundings/folders.ts'

/** Cells and divisions as the platform has them too: both read the same files. */
export async function readGroundData(): Promise<{
  readonly cells: readonly Cell[]
  readonly divisions: readonly Division[]
}> {
  const data = join(packageRoot, 'data')
  const [cells, divisions] = await Promise.all([
    readFile(join(data, 'cells.csv'), 'utf8'),
    readFile(join(data, 'fences', 'shards-31.csv'), 'utf8'),
  ])
  return { cells: parseCells(cells), divisions: parseDivisions(divisions) }
}

/** `Shanghai` or `Yichun,Jiangxi` -> its cell. @throws EZ_UNKNOWN_CITY, EZ_AMBIGUOUS_CITY */
export async function findCity(text: string): Promise<Cell> {
  const { cells, divisions } = await readGroundData()
  return new CityIndex(cells, divisions).find(text)
}

import { distance } from 'fastest-levenshtein'
import type { Cell } from './cells.ts'
import type { Division } from './divisions.ts'
import { EzoneError } from './errors.ts'

/** Letters only, small: `Xi'an`, `XIAN` and `xi an` are one city; `Inner Mongolia` is `InnerMongolia`. */
const folded = (name: string) =>
  name
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')

/** 江西省, 北京市, 广西壮族自治区 -> the short form the data has. */
const withoutRank = (name: string) => name.replace(/(省|市|壮族自治区|回族自治区|维吾尔自治区|自治区)$/u, '')

const suggestionsMax = 3

/** Finds cells by what people call them. */
export class CityIndex {
  readonly #byName: ReadonlyMap<string, readonly Cell[]>
  readonly #zhOf: ReadonlyMap<string, string>

  constructor(cells: readonly Cell[], divisions: readonly Division[]) {
    this.#byName = Map.groupBy(cells, (cell) => folded(cell.city))
    this.#zhOf = new Map(divisions.map((d) => [d.name, d.nameZh]))
  }

  /**
   * @param text `Shanghai`, or `Yichun,Jiangxi` with the division in English or Chinese
   * @throws EZ_UNKNOWN_CITY with the nearest spellings, EZ_AMBIGUOUS_CITY with the candidates
   */
  find(text: string): Cell {
    const [name = '', division, ...rest] = text.split(/[,，]/).map((part) => part.trim())
    const named = rest.length === 0 ? (this.#byName.get(folded(name)) ?? []) : []
    const found = division === undefined ? named : named.filter((cell) => this.#lies(cell, division))
    const [cell] = found
    if (cell === undefined) throw this.#unknown(text, name, named)
    if (found.length > 1)
      throw new EzoneError(
        'EZ_AMBIGUOUS_CITY',
        `there are ${found.length} cities of the name ${cell.city}: ${list(found)}`,
        {
          hint: `Name the division too, for example --city ${cityText(cell)}.`,
        },
      )
    return cell
  }

  #lies(cell: Cell, division: string): boolean {
    const wanted = folded(withoutRank(division))
    const names = [cell.division, cell.label, this.#zhOf.get(cell.division), cell.label && this.#zhOf.get(cell.label)]
    return names.some((name) => name != null && folded(name) === wanted)
  }

  #unknown(text: string, name: string, namesakes: readonly Cell[]): EzoneError {
    const near = namesakes.length > 0 ? namesakes : this.#nearest(folded(name))
    const guess = near.length === 0 ? 'and no known name is near it' : `nearest: ${list(near)}`
    return new EzoneError('EZ_UNKNOWN_CITY', `no city is called ${JSON.stringify(text)}; ${guess}`)
  }

  /** The known names with the fewest letters to change; none where more than a third would have to change. */
  #nearest(name: string): readonly Cell[] {
    return [...this.#byName]
      .map(([known, cells]) => ({
        cells,
        letters: distance(name, known),
        limit: Math.max(2, Math.floor(known.length / 3)),
      }))
      .filter(({ letters, limit }) => letters <= limit && letters < name.length)
      .sort((a, b) => a.letters - b.letters || (b.cells[0]?.population ?? 0) - (a.cells[0]?.population ?? 0))
      .flatMap(({ cells }) => cells)
      .slice(0, suggestionsMax)
  }
}

/** How a city is written so that it is found again: `Yichun,Jiangxi`. */
export const cityText = (cell: Cell): string => `${cell.city},${cell.division}`

const list = (cells: readonly Cell[]) => cells.map(cityText).join('; ')

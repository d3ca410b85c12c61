import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatCells, parseCells } from '@ezone/sdk'
import { describe, expect, it } from 'vitest'
import { numberCells, readSources } from './number-cells.ts'

const committed = await readFile(join(import.meta.dirname, '..', 'data', 'cells.csv'), 'utf8')
const { cities, fences } = await readSources()

describe('data/cells.csv', () => {
  it('is what the rule gives for the sources, to the letter', () => {
    expect(formatCells(numberCells([], cities, fences))).toBe(committed)
  })

  it('numbers 400 cities 1..400', () => {
    expect(parseCells(committed).map((c) => c.cell)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1))
  })
})

describe('numbering cells again', () => {
  it('keeps every number, also when the source came in another order', () => {
    const known = parseCells(committed)
    expect(numberCells(known, cities.toReversed(), fences)).toEqual(known)
  })

  it('numbers new cities after the highest number, even where a smaller one is free', () => {
    const known = parseCells(committed).filter((c) => c.cell !== 7)
    const town = { name: 'Newtown', label: 'Jiangxi', point: { lat: 27.7, lng: 115.6 }, population: 1 }
    const again = numberCells(known, [...cities.filter((c) => c.name !== known[5]?.city), town], fences)
    expect(again.slice(0, known.length)).toEqual(known)
    expect(again.slice(known.length).map((c) => c.cell)).toEqual([401, 402])
    expect(again.at(-1)).toMatchObject({ city: 'Newtown', division: 'Jiangxi', shard: 36, label: null })
  })
})

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatCells, parseCells } from './cells.ts'
import { CityIndex, cityText } from './cities.ts'
import { parseDivisions } from './divisions.ts'

const data = join(import.meta.dirname, '../../../data')
const csv = await readFile(join(data, 'cells.csv'), 'utf8')
const cells = parseCells(csv)
const divisions = parseDivisions(await readFile(join(data, 'fences/shards-31.csv'), 'utf8'))
const cities = new CityIndex(cells, divisions)

const failure = (text: string) => {
  try {
    return cities.find(text)
  } catch (error) {
    return error
  }
}

describe('a city', () => {
  it('is found by its name and division, each of the 400', () => {
    expect(cells.map((cell) => cities.find(cityText(cell)))).toEqual(cells)
  })

  it.each([
    ['Shanghai', 31],
    ['shanghai', 31],
    [' SHANGHAI ', 31],
    ["Xi'an", 61],
    ['xian', 61],
    ['Yichun,Jiangxi', 36],
    ['yichun , jiangxi', 36],
    ['Yichun,江西', 36],
    ['Yichun，江西省', 36],
    ['Yulin,广西壮族自治区', 45],
    ['Yulin,陕西', 61],
    ['Jining,Inner Mongolia', 15],
    ['Xining', 63],
    ['Xining,Qinghai', 63],
    ['Xining,青海', 63],
    ['Xining,Gansu', 63],
    ['Golmud,甘肃', 63],
  ])('is found as %j', (text, shard) => {
    expect(cities.find(text).shard).toBe(shard)
  })

  it.each([
    ['Yichun', ['Yichun,Jiangxi', 'Yichun,Heilongjiang']],
    ['Yulin', ['Yulin,Guangxi', 'Yulin,Shaanxi']],
    ['dali', ['Dali,Yunnan', 'Dali,Shaanxi']],
    ['Suzhou', ['Suzhou,Anhui', 'Suzhou,Jiangsu']],
  ])('is not guessed where %s is the name of several', (text, candidates) => {
    expect(failure(text)).toMatchObject({ code: 'EZ_AMBIGUOUS_CITY', oclif: { exit: 2 } })
    expect((failure(text) as Error).message).toContain(candidates.join('; '))
    expect((failure(text) as { hint: string }).hint).toContain(`--city ${candidates[0]}`)
  })

  it.each([
    ['Shangai', 'Shanghai,Shanghai'],
    ['Bejing', 'Beijing,Beijing'],
    ['Guangzhuo', 'Guangzhou,Guangdong'],
    ['Yichun,Yunnan', 'Yichun,Jiangxi; Yichun,Heilongjiang'],
  ])('that is written %s is unknown, and the nearest spelling is named', (text, nearest) => {
    expect(failure(text)).toMatchObject({ code: 'EZ_UNKNOWN_CITY', oclif: { exit: 2 } })
    expect((failure(text) as Error).message).toContain(nearest)
  })

  it.each(['', ',', 'Qqqqqqqqqq', 'Shanghai,Shanghai,Shanghai', ',Jiangxi', '__proto__'])(
    'is unknown as %j, without a guess',
    (text) => {
      expect(failure(text)).toMatchObject({ code: 'EZ_UNKNOWN_CITY' })
    },
  )
})

describe('cells.csv', () => {
  it('is read back as it was written', () => {
    expect(formatCells(cells)).toBe(csv)
  })

  it.each([
    ['no head', csv.split('\n').slice(1).join('\n')],
    ['a field too many', csv.replace('1,Shanghai,', '1,Shanghai,x,')],
    ['no number', csv.replace('\n1,Shanghai', '\nx,Shanghai')],
    ['cell 0', csv.replace('\n1,Shanghai', '\n0,Shanghai')],
    ['a number twice', csv.replace('\n2,Beijing', '\n1,Beijing')],
    ['no city', csv.replace('\n2,Beijing', '\n2,')],
  ])('is refused with %s', (_, text) => {
    expect(() => parseCells(text)).toThrow('cells.csv')
  })
})

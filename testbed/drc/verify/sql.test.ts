import { describe, expect, it } from 'vitest'
import type { Column, TableShape } from './shape.ts'
import { inCommon } from './shape.ts'
import { digestsSql, inRange, rowsSql } from './sql.ts'

const column = (name: string, type: string, keyed: number | null = null): Column => ({
  name,
  type,
  definition: type,
  keyed,
})
const shape = (...columns: readonly Column[]): TableShape => ({
  name: 'shop.lines',
  key: columns.filter(({ keyed }) => keyed !== null),
  columns,
})
const key = (...values: readonly string[]) => ({ id: '', values })

describe('a range of a key', () => {
  it('is one comparison where the key has one column, with numbers as numbers', () => {
    const one = shape(column('id', 'bigint', 1))
    expect(inRange(one, { from: key('7'), to: key('9007199254740993') })).toBe(
      '((`id` > 7)) AND ((`id` <= 9007199254740993))',
    )
    expect(inRange(one, { from: null, to: null })).toBe('TRUE')
  })

  it('goes column by column where it has several', () => {
    const two = shape(column('a', 'int', 1), column('b', 'int', 2))
    expect(inRange(two, { from: key('1', '2'), to: null })).toBe('`a` >= 1 AND ((`a` > 1) OR (`a` = 1 AND `b` > 2))')
    expect(inRange(two, { from: null, to: key('1', '2') })).toBe('`a` <= 1 AND ((`a` < 1) OR (`a` = 1 AND `b` <= 2))')
  })
})

it('writes text by its bytes, and never as it stands', () => {
  const text = shape(column('k', 'varchar', 1))
  const asked = rowsSql(text, [key("it's \\ 1")])
  expect(asked).toContain("IN ((_utf8mb4 x'69742773205c2031'))")
  expect(rowsSql(shape(column('n', 'int', 1)), [key('1 OR 1')])).not.toContain('1 OR 1')
  expect(digestsSql(shape(column('odd`name', 'int', 1)), { from: null, to: null })).toContain('`odd``name`')
})

describe('what zones have in common of a table', () => {
  const zones = (...tables: readonly (readonly Column[] | null)[]) =>
    new Map(
      tables.map((columns, index) => [
        ['bj', 'sh', 'gz'][index] ?? '',
        new Map(columns ? [['shop.lines', columns]] : []),
      ]),
    )

  it('is all of it where it is the same everywhere', () => {
    const columns = [column('id', 'int', 1), column('n', 'int')]
    expect(inCommon('shop.lines', zones(columns, columns, columns))).toMatchObject({
      problems: [],
      unfit: null,
      shape: { key: [{ name: 'id' }], columns: [{ name: 'id' }, { name: 'n' }] },
    })
  })

  it('leaves out a column that is another one, and says so', () => {
    const found = inCommon(
      'shop.lines',
      zones([column('id', 'int', 1), column('n', 'int')], [column('id', 'int', 1), column('n', 'bigint')]),
    )
    expect(found.shape?.columns.map(({ name }) => name)).toEqual(['id'])
    expect(found.problems).toEqual(['column n: bj int, sh bigint'])
  })

  it('is nothing where the keys differ, a zone has no such table, or there is no key', () => {
    const id = [column('id', 'int', 1), column('n', 'int')]
    expect(inCommon('shop.lines', zones(id, [column('id', 'int'), column('n', 'int', 1)])).shape).toBeNull()
    expect(inCommon('shop.lines', zones(id, null))).toMatchObject({
      shape: null,
      problems: ['sh has no such multi-active table'],
    })
    const keyless = [column('n', 'int')]
    expect(inCommon('shop.lines', zones(keyless, keyless))).toMatchObject({
      shape: null,
      unfit: 'it has no primary key',
    })
  })
})

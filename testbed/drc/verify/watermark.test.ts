import { expect, it } from 'vitest'
import { covers, lacking, ownNumbers } from './watermark.ts'

it('counts what a server wrote itself, and nothing that an applier wrote', () => {
  const executed = 'AAAA-1:1-7:9:drc_sh:1-300,\nbbbb-2:1-5,\ncccc-3:drc_gz:1-12'
  expect(ownNumbers('bj', executed)).toEqual(
    new Map([
      ['bj/aaaa-1', 9],
      ['bj/bbbb-2', 5],
    ]),
  )
})

it('takes a transaction that is being committed for one that may be seen', () => {
  const owned = 'aaaa-1:10#55:12#57,aaaa-1:drc_sh:400#58'
  expect(ownNumbers('bj', owned, 'aaaa-1:1-9')).toEqual(new Map([['bj/aaaa-1', 12]]))
  expect(ownNumbers('bj', '', '')).toEqual(new Map())
})

it('lacks what is wanted and not had, of servers it never heard of too', () => {
  const had = new Map([['bj/a', 5]])
  const wanted = new Map([
    ['bj/a', 5],
    ['sh/b', 2],
  ])
  expect(covers(had, new Map([['bj/a', 5]]))).toBe(true)
  expect(covers(had, wanted)).toBe(false)
  expect(lacking(had, wanted)).toEqual([{ server: 'sh/b', at: 0, wanted: 2 }])
})

import { describe, expect, it } from 'vitest'
import { ownGno } from './gtids.ts'

const mine = 'af3413f7-e5bd-11f1-a3f4-02fc00000001'
const other = 'bf3413f7-e5bd-11f1-a3f4-02fc00000002'

describe('the newest transaction of a server', () => {
  it.each([
    ['', 0],
    [`${mine}:1-6`, 6],
    [`${mine}:9`, 9],
    [`${mine}:1-6:9:11-20`, 20],
    [`${mine.toUpperCase()}:1-6`, 6],
    [`${other}:1-99`, 0],
    [`${other}:1-99,\n${mine}:1-6`, 6],
    [`${mine}:1-6:drc_sh:1-77`, 6],
    [`${mine}:1-6:8:drc_gz:1-70:drc_sh:5:9-90,\n${other}:1-5`, 8],
    [`${mine}:drc_sh:1-77`, 0],
  ])('in %j is %i', (set, gno) => {
    expect(ownGno(set, mine)).toBe(gno)
  })
})

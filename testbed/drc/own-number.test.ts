import { describe, expect, it } from 'vitest'
import { ownNumber } from './own-number.ts'

const [a, b] = ['8c5f0a57-0000-11f1-8fa1-02fc00000001', '8c5f0a57-0000-11f1-8fa1-02fc00000002']

describe('the newest transaction a server has made itself', () => {
  it.each([
    ['', 0],
    [`${a}:1-17`, 17],
    [`${a}:4`, 4],
    [`${a}:1-5:8-9`, 9],
    [`${a}:1-5:drc_sh:1-900`, 5],
    [`${a}:drc_gz:1-3:drc_sh:1-900`, 0],
    [`${b}:1-99,\n${a}:1-7:drc_sh:1-2`, 7],
    [`${b}:1-99`, 0],
  ])('of %j is number %i', (gtids, number) => {
    expect(ownNumber(gtids, a)).toBe(number)
  })
})

import { describe, expect, it } from 'vitest'
import { nearest, suggestion } from './nearest.ts'

describe('the nearest spelling', () => {
  it.each([
    ['nmae', ['name', 'number', 'idcs'], 'name'],
    ['SH', ['bj', 'sh'], 'sh'],
    ['Shangai', ['Beijing', 'Shanghai'], 'Shanghai'],
    ['chongqin', ['Beijing', 'Chongqing'], 'Chongqing'],
  ])('of %s is found', (word, known, found) => {
    expect(nearest(word, known)).toBe(found)
  })

  it('is silent rather than far off', () => {
    expect(nearest('colour', ['zones', 'edges'])).toBeUndefined()
    expect(nearest('xy', ['bj', 'sh'])).toBeUndefined()
    expect(nearest('bj', [])).toBeUndefined()
  })

  it('comes with all that is known', () => {
    expect(suggestion('edg', ['bj', 'edge'])).toBe('did you mean edge? (known: bj, edge)')
    expect(suggestion('moon', ['bj', 'edge'])).toBe('known: bj, edge')
    expect(suggestion('moon', [])).toBe('none are known')
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judge } from './judge.ts'

const across = (askedRttMs: number, p50Ms: number | null) => judge({ askedRttMs, p50Ms, link: 'bj-sh' })
const within = (p50Ms: number | null) => judge({ askedRttMs: 0, p50Ms, link: null })

describe('a path across a link of 30 ms', () => {
  it('is as asked between 30 and 33 ms', () => {
    expect([30, 31.4, 33].map((ms) => across(30, ms))).toEqual(['ok', 'ok', 'ok'])
  })
  it('goes beside its link when it is clearly faster', () => {
    expect([0.2, 5, 26].map((ms) => across(30, ms))).toEqual(['bypassed', 'bypassed', 'bypassed'])
  })
  it('is slow above 33 ms', () => {
    expect(across(30, 33.1)).toBe('slow')
  })
})

describe('a path within a place', () => {
  it('is as asked below 1 ms and slow above', () => {
    expect([within(0.1), within(1), within(1.2)]).toEqual(['ok', 'ok', 'slow'])
  })
})

describe('any path', () => {
  it('that did not answer is unknown, never as asked', () => {
    fc.assert(fc.property(fc.nat(2000), (asked) => across(asked, null) === 'unknown'))
    expect(within(null)).toBe('unknown')
  })

  it('that takes a direct hop is found beside a link of 1 ms or more', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 2000 }), (asked) => across(asked, 0.2) === 'bypassed'))
  })

  it('that takes what its link asks for is as asked', () => {
    fc.assert(fc.property(fc.nat(2000), (asked) => across(asked, asked + 1.3) === 'ok'))
  })
})

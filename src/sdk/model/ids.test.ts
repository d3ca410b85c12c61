import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type IdParts, idEpochMs, idTimeMs, packId, parseId, unpackId } from './ids.ts'

const parts: fc.Arbitrary<IdParts> = fc.record({
  seconds: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  cell: fc.integer({ min: 1, max: 16_383 }),
  zone: fc.integer({ min: 1, max: 15 }),
  writer: fc.integer({ min: 0, max: 31 }),
  sequence: fc.integer({ min: 0, max: 255 }),
})

describe('an id', () => {
  it('gives back the parts it was packed from, also through its text', () => {
    fc.assert(
      fc.property(parts, (p) => {
        const id = packId(p)
        expect(unpackId(id)).toEqual(p)
        expect(parseId(String(id))).toBe(id)
        expect(idTimeMs(id)).toBe(idEpochMs + p.seconds * 1000)
      }),
    )
  })

  it('fits into a signed BIGINT and stands in order of its second', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(packId(a) < 2n ** 63n).toBe(true)
        if (a.seconds < b.seconds) expect(packId(a) < packId(b)).toBe(true)
      }),
    )
  })

  it('differs whenever one of its parts differs', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b)
        expect(packId(a) === packId(b)).toBe(same)
      }),
    )
  })

  it.each([
    { seconds: 2 ** 32 },
    { seconds: -1 },
    { cell: 0 },
    { cell: 16_384 },
    { zone: 0 },
    { zone: 16 },
    { writer: 32 },
    { sequence: 256 },
    { sequence: 0.5 },
  ])('is not made from %j', (wrong) => {
    const fine = { seconds: 1, cell: 1, zone: 1, writer: 0, sequence: 0 }
    expect(() => packId({ ...fine, ...wrong })).toThrow(RangeError)
  })
})

describe('the text of an id', () => {
  const cellZero = String((1n << 31n) | (1n << 13n))
  const zoneZero = String((1n << 31n) | (1n << 17n))
  it.each([
    '',
    '0',
    '-1',
    '1.5',
    '0x10',
    ' 1',
    '1n',
    '007',
    '9223372036854775808',
    '99999999999999999999',
    cellZero,
    zoneZero,
  ])('is not %j', (text) => {
    expect(parseId(text)).toBeUndefined()
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packId } from './ids.ts'
import { decidingTag, formatTags, idTags, parseTags, type Tags } from './tags.ts'

const id = fc
  .record({
    seconds: fc.nat(2 ** 31),
    cell: fc.integer({ min: 1, max: 16_383 }),
    zone: fc.integer({ min: 1, max: 15 }),
  })
  .map((p) => packId({ ...p, writer: 0, sequence: 0 }))
const degrees = (max: number) => fc.integer({ min: -max * 100, max: max * 100 }).map((n) => n / 100)
const tags = fc.record(
  { order: id, shop: id, courier: id, user: id, geo: fc.record({ lat: degrees(90), lng: degrees(180) }) },
  { requiredKeys: [] },
) as fc.Arbitrary<Tags>
const one = packId({ seconds: 1, cell: 1, zone: 1, writer: 0, sequence: 0 })

describe('x-ezone-tag', () => {
  it('is read back as it was written, whatever it carries', () => {
    fc.assert(
      fc.property(tags, (t) => {
        expect(parseTags(formatTags(t))).toEqual(t)
      }),
    )
  })

  it('may come as a repeated header, which arrives joined by commas', () => {
    expect(parseTags(`geo=31.23,121.47, user=${one}`)).toEqual({ geo: { lat: 31.23, lng: 121.47 }, user: one })
  })

  it('lets the first of order, shop, courier, user and coordinates decide, in whatever order they stand', () => {
    fc.assert(
      fc.property(tags, (t) => {
        const first = [...idTags, 'geo' as const].find((kind) => t[kind] !== undefined)
        const reversed = parseTags(formatTags(t).split('; ').reverse().join(';'))
        expect(decidingTag(reversed)?.kind).toBe(first)
      }),
    )
  })

  it.each([undefined, '', '  '])('is no tag when it is %j', (text) => {
    expect(decidingTag(parseTags(text))).toBeUndefined()
  })

  it.each([
    'geo',
    'geo=',
    'geo=31.23',
    'geo=91,0',
    'geo=31,121,5',
    'order=0',
    'order=abc',
    'order=-5',
    'shard=31',
    'Geo=31.23,121.47',
    '__proto__=1',
    'geo=31.23,121.47;;',
    `order=${one}; order=${one}`,
    `order=${one}=1`,
  ])('is refused when it is %j', (text) => {
    expect(() => parseTags(text)).toThrow(expect.objectContaining({ code: 'EZ_BAD_TAG' }))
  })

  it('is refused when it is longer than any tag needs to be', () => {
    expect(() => parseTags(`geo=31.23,121.47${' '.repeat(600)}`)).toThrow(
      expect.objectContaining({ code: 'EZ_BAD_TAG' }),
    )
  })

  it('gives any text whatsoever either tags or EZ_BAD_TAG', () => {
    const text = fc.oneof(fc.string({ maxLength: 80 }), fc.stringMatching(/^[a-z=;, .0-9-]{0,60}$/))
    fc.assert(
      fc.property(text, (t) => {
        try {
          expect(parseTags(formatTags(parseTags(t)))).toEqual(parseTags(t))
        } catch (error) {
          expect(error).toEqual(expect.objectContaining({ code: 'EZ_BAD_TAG' }))
        }
      }),
    )
  })
})

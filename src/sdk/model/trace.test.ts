import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { childTrace, formatTrace, newTrace, parseTrace, type Trace } from './trace.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const span = '00f067aa0ba902b7'
const digits = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((found) => found.join(''))
    .filter((text) => !/^0+$/.test(text))

describe('a trace', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(digits(32), digits(16), fc.boolean(), (traceId, spanId, sampled) => {
        const one: Trace = { traceId, spanId, parentId: null, sampled }
        expect(parseTrace(formatTrace(one))).toEqual(one)
      }),
    )
  })

  it('keeps its id from hop to hop, and every hop has a span of its own that names the one before', () => {
    const first = newTrace({ sampled: true })
    const second = childTrace(parseTrace(formatTrace(first)))
    expect(second).toMatchObject({ traceId: first.traceId, parentId: first.spanId, sampled: true })
    expect(second.spanId).not.toBe(first.spanId)
  })

  it('begins where there was none', () => {
    expect(childTrace(undefined)).toMatchObject({ parentId: null, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) })
  })

  it('of a later version is read as far as we know it', () => {
    expect(parseTrace(`01-${trace}-${span}-01-more`)).toMatchObject({ traceId: trace, spanId: span, sampled: true })
  })

  it.each([
    undefined,
    '',
    `00-${trace}-${span}`,
    `00-${trace}-${span}-01-more`,
    `00-${trace}-${span}-01-`,
    `ff-${trace}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `01-${trace}-${span}-01-${'x'.repeat(600)}`,
    `00-${trace}-${span}-01\r\nx: y`,
  ])('%j is none', (text) => {
    expect(parseTrace(text)).toBeUndefined()
  })
})

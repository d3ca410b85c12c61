import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { framingFault } from './framing.ts'

const fault = (rawHeaders: readonly string[], httpVersion = '1.1') => framingFault({ rawHeaders, httpVersion })

describe('the framing of a request', () => {
  it.each([
    [['Host', 'h']],
    [['Host', 'h', 'Content-Length', '5']],
    [['Host', 'h', 'Transfer-Encoding', ' Chunked ']],
    [['Host', 'h', 'Content-Type', 'a', 'Accept', 'b', 'X-Hosting', 'c']],
  ])('is taken from %j', (headers) => {
    expect(fault(headers)).toBeUndefined()
  })

  it.each([
    ['two hosts', ['Host', 'h', 'host', 'h'], '1.1'],
    ['two lengths, though equal', ['Content-Length', '5', 'content-length', '5'], '1.1'],
    ['a length and chunks', ['Content-Length', '5', 'Transfer-Encoding', 'chunked'], '1.1'],
    ['another coding', ['Transfer-Encoding', 'gzip, chunked'], '1.1'],
    ['chunks twice', ['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'], '1.1'],
    ['chunks in HTTP/1.0', ['Transfer-Encoding', 'chunked'], '1.0'],
    ['a hundred and one fields', Array.from({ length: 202 }, (_, i) => `x${i}`), '1.1'],
  ])('is refused with %s', (_, headers, version) => {
    expect(fault(headers, version)).toBeTypeOf('string')
  })

  it('is refused with a name that only looks like one that frames, whatever stands between its letters', () => {
    const names = fc.constantFrom('content-length', 'transfer-encoding', 'host')
    const noise = fc.constantFrom('-', '_', '.', '!', '~')
    const looks = fc.tuple(names, fc.nat(20), noise).map(([name, at, mark]) => {
      const where = at % (name.length + 1)
      return name.slice(0, where) + mark + name.slice(where)
    })
    fc.assert(fc.property(looks, (name) => void expect(fault([name, 'chunked'])).toBeTypeOf('string')))
  })
})

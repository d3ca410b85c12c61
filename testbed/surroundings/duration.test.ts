import { EzoneError } from '@ezone/sdk/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { durationText, parseDuration } from './duration.ts'

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['60s', 60_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['1.5s', 1_500],
    [' 3s ', 3_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '60', 's', '-1s', '1 s', '1d', '1m30s', '1e3s', 'Infinitys'])('%j is refused as wrong usage', (text) => {
    const refused = () => parseDuration(text)
    expect(refused).toThrow(EzoneError)
    expect(refused).toThrow(expect.objectContaining({ code: 'EZ_USAGE' }))
  })

  it('is the same again after it was written out', () => {
    fc.assert(fc.property(fc.nat(100_000_000), (ms) => parseDuration(durationText(ms)) === ms))
  })
})

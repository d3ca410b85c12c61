import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type InternalTag, readTag, signTag } from './internal-tag.ts'

const secret = 'a secret of at least thirty-two characters'
const tag: InternalTag = { shard: 31, cell: 1, zone: 'sh', epoch: 4, hops: 1, leftMs: 5000 }
const untrusted = expect.objectContaining({ code: 'EZ_UNTRUSTED_TAG' })

describe('the internal tag', () => {
  it('says to a service what the router decided', () => {
    expect(readTag(signTag(tag, secret), secret)).toEqual(tag)
  })

  it('is not believed under another secret', () => {
    expect(() => readTag(signTag(tag, `${secret}!`), secret)).toThrow(untrusted)
  })

  it('is not believed once any character of it was changed', () => {
    const signed = signTag(tag, secret)
    const character = fc.constantFrom(...'ABCabc019-_.~')
    fc.assert(
      fc.property(fc.nat(signed.length - 1), character, (at, other) => {
        const forged = signed.slice(0, at) + other + signed.slice(at + 1)
        // The last character of a base64 text carries bits that count for nothing; the signature is then the same one.
        fc.pre(forged !== signed && at < signed.length - 1)
        expect(() => readTag(forged, secret)).toThrow(untrusted)
      }),
    )
  })

  it.each([undefined, '', 'v2', '..', 'v2.e30.', `v2.${'x'.repeat(2000)}.y`])('is not %j', (text) => {
    expect(() => readTag(text, secret)).toThrow(untrusted)
  })

  it('is refused when we signed it but it is not of this version', () => {
    expect(() => readTag(signTag({ ...tag, hops: 77 }, secret), secret)).toThrow(untrusted)
  })
})

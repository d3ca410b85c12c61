import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linesOf, textOf } from './log-frames.ts'

const frame = (stream: number, text: string): Buffer => {
  const body = Buffer.from(text)
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(body.length, 4)
  return Buffer.concat([header, body])
}
const printed = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: 'grapheme' })))

describe('what a container printed', () => {
  it('is what was put into the frames, in order, whatever the stream and wherever a character was cut', () => {
    fc.assert(
      fc.property(printed, (parts) => {
        const frames = Buffer.concat(parts.map(([stream, text]) => frame(stream, text)))
        expect(textOf(frames)).toBe(parts.map(([, text]) => text).join(''))
      }),
    )
  })

  it('keeps a character whole that lies in two frames', () => {
    const [a, b] = [Buffer.from('京').subarray(0, 1), Buffer.from('京').subarray(1)]
    const framed = (body: Buffer) => Buffer.concat([frame(1, 'x'.repeat(body.length)).subarray(0, 8), body])
    expect(textOf(Buffer.concat([framed(a), framed(b)]))).toBe('京')
  })

  it('gives lines without empty ones', () => {
    expect(linesOf('one\n\ntwo\n')).toEqual(['one', 'two'])
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ZookeeperError } from './errors.ts'
import { FrameSplitter } from './frames.ts'
import { JuteReader, JuteWriter } from './jute.ts'
import { limits } from './limits.ts'

const bytes = fc.uint8Array({ maxLength: 2_000 }).map((array) => Buffer.from(array))

/** A field of any kind: how it is written, and how it is read again. */
const field = fc.oneof(
  fc.integer().map((value) => ({ value, write: (w: JuteWriter) => w.int(value), read: (r: JuteReader) => r.int() })),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((value) => ({ value, write: (w: JuteWriter) => w.long(value), read: (r: JuteReader) => r.long() })),
  fc.boolean().map((value) => ({ value, write: (w: JuteWriter) => w.bool(value), read: (r: JuteReader) => r.bool() })),
  fc
    .option(bytes)
    .map((value) => ({ value, write: (w: JuteWriter) => w.buffer(value), read: (r: JuteReader) => r.buffer() })),
  fc
    .string({ unit: 'grapheme' })
    .map((value) => ({ value, write: (w: JuteWriter) => w.string(value), read: (r: JuteReader) => r.string() })),
  fc.array(fc.string({ unit: 'grapheme' })).map((value) => ({
    value,
    write: (w: JuteWriter) => w.vector(value, (item) => w.string(item)),
    read: (r: JuteReader) => r.vector(() => r.string()),
  })),
)

const frameOf = (fields: readonly { write: (w: JuteWriter) => JuteWriter }[]) => {
  const writer = new JuteWriter()
  for (const { write } of fields) write(writer)
  return writer.frame()
}

describe('the wire format', () => {
  it('gives back every sequence of fields, and not a byte more', () => {
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const reader = new JuteReader(frameOf(fields).subarray(4))
        expect(fields.map(({ read }) => read(reader))).toEqual(fields.map(({ value }) => value))
        expect(reader.left).toBe(0)
      }),
    )
  })

  it('is big-endian, with lengths before what has one', () => {
    const frame = new JuteWriter().int(1).long(2n).bool(true).string('é').buffer(null).frame()
    expect(frame.toString('hex')).toBe('0000001700000001000000000000000201' + '00000002c3a9' + 'ffffffff')
  })

  it('never reads beyond its bytes, whatever they are: that is a MARSHALLING_ERROR', () => {
    const kinds = ['int', 'long', 'bool', 'buffer', 'string', 'vector'] as const
    fc.assert(
      fc.property(bytes, fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 20 }), (input, reads) => {
        const reader = new JuteReader(input)
        try {
          for (const kind of reads) kind === 'vector' ? reader.vector(() => reader.int()) : reader[kind]()
        } catch (error) {
          expect(ZookeeperError.is(error, 'MARSHALLING_ERROR')).toBe(true)
        }
        expect(reader.left).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})

describe('frames out of a stream', () => {
  it('are the ones that were sent, however the bytes were cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 })
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 20 }), cuts, (bodies, sizes) => {
        const stream = Buffer.concat(
          bodies.flatMap((body) => {
            const size = Buffer.alloc(4)
            size.writeInt32BE(body.length)
            return [size, body]
          }),
        )
        const splitter = new FrameSplitter()
        const frames: Buffer[] = []
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1
          frames.push(...splitter.push(stream.subarray(at, at + size)))
          at += size
        }
        expect(frames.map((frame) => frame.toString('hex'))).toEqual(bodies.map((body) => body.toString('hex')))
      }),
    )
  })

  it.each([-1, limits.answerBytesMax + 1, 0x7fff_ffff])('a size of %d is refused before anything is kept', (size) => {
    const head = Buffer.alloc(4)
    head.writeInt32BE(size)
    expect(() => new FrameSplitter().push(head)).toThrow(ZookeeperError)
  })
})

import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eachLine } from './lines.ts'
import { logText } from './log-text.ts'

describe('a line of a service', () => {
  it.each([
    ['listening on 7500', 'listening on 7500'],
    [
      '{"level":30,"time":"t","pid":7,"service":"demo","place":"bj","msg":"listening","port":7500}',
      'listening port=7500',
    ],
    ['{"level":40,"msg":"slow","err":{"message":"it hung"}}', 'WARN slow err=it hung'],
    [
      '{"level":50,"msg":"no","err":{"code":"EZ_BUG","stack":"Error: x\\n  at y"}}',
      'ERROR no err=EZ_BUG Error: x\n  at y',
    ],
    ['{"level":"warn","msg":"hot","a":[1]}', 'warn hot a=[1]'],
    ['{"orderId":"7"}', '{"orderId":"7"}'],
    ['{not json', '{not json'],
  ])('%s is read as %s', (line, text) => {
    expect(logText(line)).toBe(text)
  })

  it('of any kind is shown somehow', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        expect(typeof logText(line)).toBe('string')
      }),
    )
  })
})

describe('the lines that a program prints', () => {
  const linesOf = async (...chunks: readonly string[]) => {
    const stream = new PassThrough()
    const lines: string[] = []
    eachLine(stream, (line) => lines.push(line))
    for (const chunk of chunks) stream.write(chunk)
    stream.end()
    await new Promise((resolve) => stream.on('close', resolve))
    return lines
  }

  it('are whole, however they come, also the last one without an end', async () => {
    expect(await linesOf('a', 'b\nc\r\n\n', 'd')).toEqual(['ab', 'c', '', 'd'])
  })

  it('without an end come in pieces: nothing is kept without limit', async () => {
    const pieces = await linesOf('x'.repeat(40_000))
    expect(pieces.map(({ length }) => length)).toEqual([16_384, 16_384, 7_232])
  })
})

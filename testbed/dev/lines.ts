import type { Readable } from 'node:stream'

/** A program that never ends its line is told in pieces. */
const lineMax = 16 * 1024

/** Hands over every line that a program prints, without its end; the last one too where the stream ends in its middle. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let rest = ''
  const take = (text: string) => {
    const lines = (rest + text).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
    for (; rest.length > lineMax; rest = rest.slice(lineMax)) onLine(rest.slice(0, lineMax))
  }
  stream.setEncoding('utf8')
  stream.on('data', take)
  stream.on('end', () => {
    if (rest !== '') onLine(rest)
  })
}

import type { Hash } from 'node:crypto'
import { Transform } from 'node:stream'

/** Lets bytes through and tells their hash and number. */
export function measured(hash: Hash): Transform & { bytes: number } {
  const transform = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      counted.bytes += chunk.length
      done(null, chunk)
    },
  })
  const counted = Object.assign(transform, { bytes: 0 })
  return counted
}

import { ZookeeperError } from './errors.ts'
import { limits } from './limits.ts'

const sizeBytes = 4

/** Cuts what a socket hands over, in pieces of any size, into the frames that were sent: each without its size. */
export class FrameSplitter {
  #pieces: Buffer[] = []
  #held = 0

  /** @throws MARSHALLING_ERROR for a size that no server of ours sends */
  push(piece: Buffer): readonly Buffer[] {
    const frames: Buffer[] = []
    this.#pieces.push(piece)
    this.#held += piece.length
    let bytes = this.#wholeFrameMayBeThere() ? this.#joined() : null
    while (bytes !== null && bytes.length >= sizeBytes) {
      const size = sizeOf(bytes)
      if (bytes.length < sizeBytes + size) break
      const frame = bytes.subarray(sizeBytes, sizeBytes + size)
      bytes = bytes.subarray(sizeBytes + size)
      this.#pieces = [bytes]
      this.#held = bytes.length
      frames.push(frame)
    }
    return frames
  }

  /** Joins pieces only when it is worth it, so that a large frame in many pieces is copied once and not once for each. */
  #wholeFrameMayBeThere(): boolean {
    const [first] = this.#pieces
    if (this.#held < sizeBytes || first === undefined) return false
    return first.length < sizeBytes || this.#held >= sizeBytes + sizeOf(first)
  }

  #joined(): Buffer {
    const [first] = this.#pieces
    const bytes = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces)
    this.#pieces = [bytes]
    return bytes
  }
}

function sizeOf(bytes: Buffer): number {
  const size = bytes.readInt32BE(0)
  if (size < 0 || size > limits.answerBytesMax)
    throw new ZookeeperError('MARSHALLING_ERROR', `an answer of ${size} bytes, at most ${limits.answerBytesMax}`)
  return size
}

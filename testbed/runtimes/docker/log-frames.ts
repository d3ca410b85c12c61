/** The engine sends what a container printed in frames: stream (1 byte), 3 zeros, length (4 bytes, big-endian), text. */
const headerBytes = 8

/** What a container printed, both streams in the order it came. Half a frame at the end is dropped. */
export function textOf(frames: Buffer): string {
  const parts: Buffer[] = []
  let at = 0
  while (at + headerBytes <= frames.length) {
    const end = at + headerBytes + frames.readUInt32BE(at + 4)
    parts.push(frames.subarray(at + headerBytes, end))
    at = end
  }
  return Buffer.concat(parts).toString('utf8')
}

export const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')

import { open } from 'node:fs/promises'

const bytesPerLineMax = 512

/** The last lines of a file, oldest first; none where the file is not there. Reads no more than it needs. */
export async function tailFile(path: string, lines: number): Promise<readonly string[]> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (file === null) return []
  await using _ = file
  const { size } = await file.stat()
  const length = Math.min(size, lines * bytesPerLineMax)
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
  const all = buffer.toString('utf8').split('\n')
  // The first line may have been cut; the last is empty behind a final newline.
  const whole = length < size ? all.slice(1) : all
  return whole.filter((line) => line !== '').slice(-lines)
}

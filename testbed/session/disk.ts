import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

const blockBytes = 512 // st_blocks counts these, whatever the file system uses

/** Bytes a folder really takes on disk (holes of sparse files do not count). Files that vanish meanwhile do not either. */
export async function diskBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const sizes = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory()
        ? diskBytes(path)
        : lstat(path).then(
            (s) => s.blocks * blockBytes,
            () => 0,
          )
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

import { createHash } from 'node:crypto'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pack as packFolder } from 'tar-fs'

/** A folder of the host as it shall stand in an image. */
export interface Layer {
  readonly from: string
  /** Absolute path in the image. */
  readonly to: string
}

/** What every server needs around itself, and nothing more: no shell, no package, no user but root. */
const skeleton = [
  { name: 'tmp', type: 'directory', mode: 0o1777 },
  ...['data', 'dev', 'etc', 'opt', 'proc', 'sys'].map((name) => ({ name, type: 'directory' as const, mode: 0o755 })),
] as const

/** mysqld --user=root looks the name up. */
const files: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/:/bin/false\n',
  'etc/group': 'root:x:0:\n',
}

/** Hash over all that goes into an archive of these layers; the tag of the image made from it. */
export async function fingerprint(layers: readonly Layer[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([skeleton, files]))
  for (const layer of layers) hash.update(`${layer.to}\n${(await listing(layer.from)).join('\n')}\n`)
  return hash.digest('hex').slice(0, 12)
}

/**
 * Paths, sizes, modes and targets of links below a folder. Contents are not read again: homes are verified when they
 * enter the cache and never change afterwards, and reading 400 MB would cost every start a second.
 */
async function listing(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const lines = await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      const { size, mode } = await lstat(path)
      const name = path.slice(folder.length)
      if (entry.isDirectory()) return `${name}/ ${mode}`
      return entry.isSymbolicLink() ? `${name} -> ${await readlink(path)}` : `${name} ${mode} ${size}`
    }),
  )
  return lines.sort()
}

/** The root file system of an image as a tar stream; all of it belongs to root. */
export function archive(layers: readonly Layer[]): Readable {
  const [first, ...rest] = layers
  if (first === undefined) throw new TypeError('an image holds at least one layer')
  return packLayer(first, rest)
}

type Pack = ReturnType<typeof packFolder>

function packLayer(layer: Layer, rest: readonly Layer[], into?: Pack): Pack {
  const prefix = layer.to.replace(/^\/+/, '')
  return packFolder(layer.from, {
    ...(into !== undefined && { pack: into }),
    finalize: false,
    map: (header) => ({ ...header, name: join(prefix, header.name), uid: 0, gid: 0 }),
    finish: (pack) => {
      const [next, ...others] = rest
      if (next !== undefined) packLayer(next, others, pack)
      else finish(pack)
    },
  })
}

function finish(pack: Pack): void {
  for (const folder of skeleton) pack.entry({ ...folder })
  for (const [name, text] of Object.entries(files)) pack.entry({ name, mode: 0o644 }, text)
  pack.finalize()
}

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Manifest, manifestSchema } from '@ezone/sdk/model'
import { fromSource, packageRoot } from '../surroundings/folders.ts'

/** The services of the platform, by their manifests; `folder` is where their programs are (sources or built). */
export async function readManifests(): Promise<readonly (Manifest & { readonly folder: string })[]> {
  const root = join(packageRoot, 'src')
  const names = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((e) => e.name)
  const found = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(root, name, 'manifest.json'), 'utf8').catch(() => null)
      if (text === null) return []
      const folder = fromSource ? join(root, name) : join(packageRoot, 'dist', 'src', name)
      return [{ ...manifestSchema.parse(JSON.parse(text)), folder }]
    }),
  )
  return found.flat().sort((a, b) => a.name.localeCompare(b.name))
}

import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Manifest, manifestSchema } from '@ezone/sdk/model'
import { fromSource, packageRoot } from '../surroundings/folders.ts'

/** The services of the platform, by their manifests; `folder` is where their programs are: sources, bundled, or built. */
export async function readManifests(): Promise<readonly (Manifest & { readonly folder: string })[]> {
  const root = join(packageRoot, 'src')
  const names = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((e) => e.name)
  const found = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(root, name, 'manifest.json'), 'utf8').catch(() => null)
      if (text === null) return []
      return [{ ...manifestSchema.parse(JSON.parse(text)), folder: await programOf(name) }]
    }),
  )
  return found.flat().sort((a, b) => a.name.localeCompare(b.name))
}

/** A service in one file starts in half the time; where none could be made it runs as it was compiled. */
async function programOf(name: string): Promise<string> {
  if (fromSource) return join(packageRoot, 'src', name)
  const bundled = join(packageRoot, 'dist', 'services', name)
  const found = await access(bundled).then(
    () => true,
    () => false,
  )
  return found ? bundled : join(packageRoot, 'dist', 'src', name)
}

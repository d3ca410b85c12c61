import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { ezoneVersion } from '../surroundings/version.ts'
import type { Project } from './project.ts'

/**
 * Whether the SDK that a project has installed fits this ezone; a project without one is not asked, as it needs none.
 * @throws EZ_SDK_MISMATCH
 */
export async function requireFittingSdk({ name, folder }: Pick<Project, 'name' | 'folder'>): Promise<void> {
  const [theirs, ours] = [await installedSdk(folder), await ezoneVersion()]
  if (theirs === null || fits(theirs, ours)) return
  throw new EzoneError('EZ_SDK_MISMATCH', `${name} has @ezone/sdk ${theirs} installed; this is ezone ${ours}`)
}

/** Agree in their first two numbers. */
export const fits = (one: string, other: string): boolean => series(one) === series(other)

const series = (version: string) => version.split('.').slice(0, 2).join('.')

/** Found as Node finds it: here, or in a folder above. Null where there is none. */
async function installedSdk(folder: string): Promise<string | null> {
  for (let here = folder; ; here = dirname(here)) {
    const text = await readFile(join(here, 'node_modules', '@ezone', 'sdk', 'package.json'), 'utf8').catch(() => null)
    if (text !== null) return String((JSON.parse(text) as { version?: unknown }).version)
    if (here === dirname(here)) return null
  }
}

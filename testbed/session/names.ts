import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'

export const folderOf = (stateFolder: string, name: string): string => join(stateFolder, 'testbeds', name)

/** Names of all testbeds that left something in the state folder, whether their record can be read or not. */
export async function testbedNames(stateFolder: string): Promise<readonly string[]> {
  const path = join(stateFolder, 'testbeds')
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw unreadable(path, error)
  })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

/** Ids survive an unreadable record: they stand in a file of their own, so that `down` finds the processes all the same. */
export async function readId(folder: string): Promise<string | null> {
  const text = await readFile(join(folder, 'id'), 'utf8').catch(() => null)
  return text === null || text.trim() === '' ? null : text.trim()
}

export async function writeId(folder: string, id: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'id'), `${id}\n`, { mode: 0o600 })
}

export function unreadable(path: string, cause: unknown): EzoneError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new EzoneError('EZ_STATE_UNREADABLE', `${path} cannot be used: ${why.split('\n')[0]}`, { cause })
}

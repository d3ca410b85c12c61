import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import type { Files } from './templates.ts'

/** The folder is there, and somebody's. */
const taken: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR'])
/** Nothing can be made there, whatever it is called. */
const closed: ReadonlySet<string> = new Set(['ENOENT', 'EACCES', 'EPERM', 'EROFS'])

/**
 * Puts files into a folder that is not there yet, or is empty: all of them or none. They are written beside it and
 * renamed at the end, which also decides who is first.
 *
 * @throws EZ_NAME_TAKEN where something is there, EZ_USAGE where the folder above cannot be written
 */
export async function place(folder: string, files: Files, signal: AbortSignal): Promise<void> {
  const above = dirname(folder)
  const beside = await mkdtemp(join(above, `.${basename(folder)}-`)).catch((cause) => {
    throw told(cause, folder)
  })
  try {
    for (const [path, content] of files) {
      signal.throwIfAborted()
      const file = join(beside, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
    }
    await rename(beside, folder).catch((cause) => {
      throw told(cause, folder)
    })
  } catch (error) {
    await rm(beside, { recursive: true, force: true })
    throw error
  }
}

function told(error: unknown, folder: string): unknown {
  const code = String((error as NodeJS.ErrnoException).code)
  if (taken.has(code))
    return new EzoneError('EZ_NAME_TAKEN', `${folder} is there already and not empty; nothing was written`)
  if (closed.has(code))
    return new EzoneError('EZ_USAGE', `nothing can be made in ${dirname(folder)}`, {
      cause: error,
      hint: 'Name a folder with --dir whose parent is there and yours.',
    })
  return error
}

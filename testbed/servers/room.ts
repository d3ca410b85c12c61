import { mkdir, statfs } from 'node:fs/promises'
import { EzoneError } from '@ezone/sdk/model'

/** Refuses before anything is fetched, rather than filling the disk half way. */
export async function needRoom(folder: string, neededBytes: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= neededBytes) return
  throw new EzoneError(
    'EZ_NO_DISK',
    `${folder} needs ${megabytes(neededBytes)} for this, and its disk has ${megabytes(bavail * bsize)} free`,
  )
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

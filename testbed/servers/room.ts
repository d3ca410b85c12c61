import { mkdir, statfs } from 'node:fs/promises'
import { EzoneError } from '@ezone/sdk/model'
import { bytesText } from '../face/table.ts'

/** Refuses before anything is fetched, rather than filling the disk half way. */
export async function needRoom(folder: string, neededBytes: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= neededBytes) return
  throw new EzoneError(
    'EZ_NO_DISK',
    `${folder} needs ${bytesText(neededBytes)} for this, and its disk has ${bytesText(bavail * bsize)} free`,
  )
}

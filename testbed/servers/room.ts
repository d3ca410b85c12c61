import { access, constants, mkdir, statfs } from 'node:fs/promises'
import { EzoneError } from '@ezone/sdk/errors'
import { bytesText } from '../face/table.ts'

/** Refuses before anything is fetched, rather than filling the disk half way. */
export async function needRoom(folder: string, neededBytes: number): Promise<void> {
  await mustBeWritable(folder)
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= neededBytes) return
  throw new EzoneError(
    'EZ_NO_DISK',
    `${folder} needs ${bytesText(neededBytes)} for this, and its disk has ${bytesText(bavail * bsize)} free`,
  )
}

async function mustBeWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
  } catch (cause) {
    throw new EzoneError('EZ_STATE_UNREADABLE', `${folder} cannot be written to`, {
      cause,
      hint: 'Make the folder yours again, or point EZONE_CACHE_DIR elsewhere.',
    })
  }
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { packageRoot } from '../surroundings/folders.ts'
import { ezoneVersion } from '../surroundings/version.ts'

export interface SdkTarball {
  readonly file: string
  readonly bytes: Buffer
}

/** The SDK that this ezone carries, as it would be published: made by every build (tools/pack-sdk.ts). */
export async function sdkTarball(): Promise<SdkTarball> {
  const file = `ezone-sdk-${await ezoneVersion()}.tgz`
  try {
    return { file, bytes: await readFile(join(packageRoot, 'dist', 'sdk', file)) }
  } catch (cause) {
    throw new EzoneError('EZ_BUG', `this ezone does not carry its SDK (${file})`, {
      cause,
      hint: 'In a checkout `npm run build` makes it; an installed ezone without it is to be installed anew.',
    })
  }
}

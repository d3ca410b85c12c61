import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { type Credentials, credentialsSchema } from '../stores/credentials.ts'

const fileOf = (folder: string) => join(folder, 'credentials.json')

/** In a file of their own, readable by the owner alone, so that nobody copies them along with the record. */
export async function writeCredentials(folder: string, credentials: Credentials): Promise<void> {
  const path = fileOf(folder)
  await writeFile(`${path}.new`, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

export async function readCredentials(folder: string): Promise<Credentials> {
  try {
    return credentialsSchema.parse(JSON.parse(await readFile(fileOf(folder), 'utf8')))
  } catch (cause) {
    throw new EzoneError('EZ_STATE_UNREADABLE', `${fileOf(folder)} cannot be used`, { cause })
  }
}

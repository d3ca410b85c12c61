import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from './folders.ts'

/** The version of this ezone. */
export async function ezoneVersion(): Promise<string> {
  return (JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version
}

import { resolve } from 'node:path'
import { EzoneError } from '@ezone/sdk/errors'
import { serviceProjectSchema } from '@ezone/sdk/model'

/** Schemas of every MySQL, and servers of every zone: a service called so could not be told from them. */
const reserved: ReadonlySet<string> = new Set([
  ...['mysql', 'sys', 'information-schema', 'performance-schema', 'ezone', 'ezone-drc', 'delivery', 'accounts'],
  ...['redis', 'kafka', 'zookeeper', 'toxiproxy', 'services'],
])

const form = 'Use lower-case letters, digits and single dashes between them, starting with a letter, at most 30.'

/** What keeps a name from being one for a new service; undefined where nothing does. */
export function nameProblem(name: string, platform: readonly string[]): EzoneError | undefined {
  if (!serviceProjectSchema.shape.name.safeParse(name).success)
    return new EzoneError('EZ_USAGE', `${JSON.stringify(name)} is not a name for a service`, { hint: form })
  if (platform.includes(name)) return new EzoneError('EZ_NAME_TAKEN', `the platform itself has a service ${name}`)
  if (reserved.has(name)) return new EzoneError('EZ_NAME_TAKEN', `${name} is what something of every zone is called`)
  return undefined
}

/** @throws EZ_USAGE, EZ_NAME_TAKEN */
export function requireName(name: string, platform: readonly string[]): void {
  const problem = nameProblem(name, platform)
  if (problem !== undefined) throw problem
}

/** Where a service is made: the folder given, or one of its name here. */
export const folderOf = (name: string, dir: string | undefined, here: string): string => resolve(here, dir ?? name)

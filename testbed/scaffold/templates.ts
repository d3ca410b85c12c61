import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { packageRoot } from '../surroundings/folders.ts'

/** What a service can begin as, each a folder of templates/service. */
export const templates = {
  api: 'An endpoint and a table.',
  consumer: 'Takes the Kafka records of own shards.',
  job: 'Works for own shards, again and again.',
} as const

export type Template = keyof typeof templates
export const templateNames = Object.keys(templates) as readonly Template[]

/** Files by their path below the folder of the service, with `/`. */
export type Files = ReadonlyMap<string, string | Buffer>

/** The files of a template: what all have in common, and its own. */
export async function readTemplate(template: Template, root = packageRoot): Promise<ReadonlyMap<string, string>> {
  const parts = await Promise.all(['common', template].map((part) => textsIn(join(root, 'templates', 'service', part))))
  return new Map(parts.flat())
}

async function textsIn(folder: string): Promise<readonly (readonly [string, string])[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(
    paths
      .sort()
      .map(async (path) => [relative(folder, path).replaceAll('\\', '/'), await readFile(path, 'utf8')] as const),
  )
}

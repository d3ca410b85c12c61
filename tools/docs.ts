import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { placesMax } from '../testbed/topology/rules.ts'
import { topologySchema } from '../testbed/topology/schema.ts'
import { topologyPage } from './docs/topology-page.ts'

/** The documents that are made from code, path -> text. `npm run docs` writes them, a test keeps them current. */
export function generatedDocs(): Readonly<Record<string, string>> {
  const schema = z.toJSONSchema(topologySchema, { io: 'input' })
  return {
    'docs/ezone.schema.json': `${JSON.stringify({ title: 'ezone.yaml', ...schema }, null, 2)}\n`,
    'docs/topology.md': topologyPage(schema, placesMax),
  }
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  for (const [path, text] of Object.entries(generatedDocs())) await writeFile(join(root, path), text)
}

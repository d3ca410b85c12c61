import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseTopology } from '../testbed/topology/parse.ts'
import { generatedDocs } from './docs.ts'

const root = join(import.meta.dirname, '..')

describe('a document made from code', () => {
  it.each(Object.entries(generatedDocs()))('%s is current (else: npm run docs)', async (path, text) => {
    expect(await readFile(join(root, path), 'utf8')).toBe(text)
  })
})

it('every ezone.yaml shown in the docs is a right one', async () => {
  const page = await readFile(join(root, 'docs/topology.md'), 'utf8')
  const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text ?? '')
  expect(examples.length).toBeGreaterThan(1)
  for (const text of examples) parseTopology(text, { file: 'docs/topology.md', shards: new Set(['44']) })
})

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
  const pages = ['docs/topology.md', 'docs/servers.md', 'docs/guide/adding-a-zone.md']
  for (const page of pages) {
    const text = await readFile(join(root, page), 'utf8')
    const examples = [...text.matchAll(/```yaml[^\n]*\n(.*?)```/gs)].map(([, yaml]) => yaml ?? '')
    expect(examples.length).toBeGreaterThan(1)
    for (const yaml of examples) parseTopology(yaml, { file: page, shards: new Set(['44']) })
  }
})

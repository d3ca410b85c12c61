import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serviceProjectFile, serviceProjectSchema } from '@ezone/sdk/model'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../surroundings/folders.ts'
import { render, schemaOf } from './render.ts'
import { readTemplate, type Template, templateNames } from './templates.ts'

const sdkTarball = 'ezone-sdk-9.9.9.tgz'
const read = new Map<Template, ReadonlyMap<string, string>>()
beforeAll(async () => {
  for (const template of templateNames) read.set(template, await readTemplate(template))
})

const rendered = (template: Template, name: string) => render(read.get(template) ?? new Map(), { name, sdkTarball })
const json = (files: ReadonlyMap<string, string>, path: string) => JSON.parse(files.get(path) ?? '')
const repository = async (path: string) => JSON.parse(await readFile(join(packageRoot, path), 'utf8'))

const names = fc.stringMatching(/^[a-z](-?[a-z0-9]){0,14}$/).filter((name) => !/(^|-)demo(-|$)/.test(name))

describe.each(templateNames)('a service from the template %s', (template) => {
  it('is, called demo, what stands and is tested in this repository', async () => {
    for (const [path, text] of rendered(template, 'demo'))
      if (path.startsWith('src/'))
        expect(text).toBe(await readFile(join(packageRoot, 'templates/service', template, path), 'utf8'))
  })

  it('has its own name everywhere, and no hole is left', () => {
    fc.assert(
      fc.property(names, (name) => {
        const files = rendered(template, name)
        for (const [path, text] of files) expect(text, path).not.toMatch(/\bdemo\b|SDK_TARBALL|WHAT_IT_DOES/)
        expect(json(files, 'package.json')).toMatchObject({
          name,
          dependencies: { '@ezone/sdk': `file:./vendor/${sdkTarball}` },
        })
      }),
      { numRuns: 30 },
    )
  })

  it('tells a testbed how to run it, and which tables are its own', () => {
    const files = rendered(template, 'order-notes')
    const project = serviceProjectSchema.parse(json(files, serviceProjectFile))
    expect(project).toMatchObject({ name: 'order-notes', class: 'multi-active', registers: true })
    expect(project.run).toEqual(['node', 'src/main.ts'])
    const made = [...(files.get('src/tables.ts') ?? '').matchAll(/'(\w+[.]\w+)'/g)].map(([, table]) => table)
    expect(made.length).toBeGreaterThan(0)
    expect(project.tables.toSorted()).toEqual(made.toSorted())
    for (const table of made) expect(table).toMatch(/^order_notes[.]/)
    expect(files.get('src/tables.ts')).toContain('CREATE DATABASE IF NOT EXISTS order_notes ')
  })

  it('has the files that tools look for, by their own names, and a README that says what it does', () => {
    const files = rendered(template, 'order-notes')
    const common = [
      '.dockerignore',
      '.gitignore',
      'Dockerfile',
      'README.md',
      'biome.json',
      'package.json',
      'tsconfig.json',
    ]
    expect([...files.keys()]).toEqual(
      expect.arrayContaining([...common, serviceProjectFile, 'src/main.ts', 'src/service.ts']),
    )
    expect([...files.keys()].filter((path) => /(^|\/)_|ABOUT/.test(path))).toEqual([])
    expect([...files.keys()].some((path) => path.endsWith('.test.ts'))).toBe(true)
    expect(files.get('README.md')).toMatch(/^# order-notes\n\n[A-Z]/)
    expect(files.get('README.md')).toContain('`GET /shards`')
  })
})

describe('what a service is checked with', () => {
  const files = () => rendered('api', 'notes')

  it('are the very versions this repository is checked with, so that what passes here passes there', async () => {
    const { devDependencies, engines } = await repository('package.json')
    const own = json(files(), 'package.json')
    expect(devDependencies).toMatchObject(own.devDependencies)
    expect(own.engines).toEqual(engines)
  })

  it('are no weaker types and no other lint', async () => {
    const { compilerOptions } = await repository('tsconfig.base.json')
    const asked = json(files(), 'tsconfig.json').compilerOptions
    const { composite, declaration, rewriteRelativeImportExtensions, ...same } = compilerOptions
    expect([composite, declaration, rewriteRelativeImportExtensions]).toEqual([true, true, true])
    expect(asked).toMatchObject(same)
    const { formatter, javascript, linter } = await repository('biome.json')
    expect(json(files(), 'biome.json')).toMatchObject({ formatter, javascript, linter })
  })
})

it('a schema is a name that needs no quotes', () => {
  expect(schemaOf('order-notes-2')).toBe('order_notes_2')
})

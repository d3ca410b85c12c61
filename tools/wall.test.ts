import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const folders = ['commands', 'testbed', 'src', 'templates', 'examples']

interface Verdict {
  readonly modules: readonly { readonly source: string }[]
  readonly summary: { readonly violations: readonly Violation[] }
}
interface Violation {
  readonly from: string
  readonly rule: { readonly name: string; readonly severity: string }
}

/** Runs the wall over a checkout, as `npm run check:wall` does. Exits with the number of errors, at most 255. */
async function runCruiser(checkout: string, outputType: 'json' | 'err-long'): Promise<Run> {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
  const args = [program, '--config', '.dependency-cruiser.mjs', '--output-type', outputType, ...folders]
  const options = { cwd: checkout, maxBuffer: 256 * 1024 * 1024, timeout: 120_000 }
  return promisify(execFile)(process.execPath, args, options).then(
    (run) => ({ ...run, code: 0 }),
    (failed: Run) => failed,
  )
}

interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The same, for its verdict as data. */
async function cruise(checkout: string): Promise<Verdict> {
  const { stdout, stderr } = await runCruiser(checkout, 'json')
  if (!stdout.startsWith('{')) throw new Error(`the cruiser gave no verdict: ${stderr}`)
  return JSON.parse(stdout)
}

/** A copy to do damage in. Packages are linked to the real ones, `@ezone/sdk` to the copy's own. */
async function copyOfTheHouse(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'ezone-wall-'))
  const wanted = (path: string) => !/\/(dist|node_modules)(\/|$)/.test(path.slice(root.length))
  const files = ['.dependency-cruiser.mjs', 'package.json', 'tsconfig.json', 'tsconfig.base.json']
  for (const path of [...folders, ...files])
    await cp(join(root, path), join(copy, path), { recursive: true, filter: wanted }).catch(ignoreMissing)
  await mkdir(join(copy, 'node_modules/@ezone'), { recursive: true })
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== '@ezone') await symlink(join(root, 'node_modules', name), join(copy, 'node_modules', name))
  await symlink('../../src/sdk', join(copy, 'node_modules/@ezone/sdk'))
  return copy
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

/** [the violation, the file it stands in, what it imports, the rule that must name it] */
const planted = [
  ['a service imports its sibling', 'src/planted-a/main.ts', '../planted-b/main.ts', 'services-are-strangers'],
  [
    'a service imports the testbed',
    'src/planted-c/main.ts',
    '../../testbed/topology/schema.ts',
    'looks-up-from-layer-3',
  ],
  ['the sdk imports a service', 'src/sdk/planted.ts', '../planted-b/main.ts', 'looks-up-from-layer-1'],
  ['the model imports the rest of the sdk', 'src/sdk/model/planted.ts', '../index.ts', 'looks-up-from-layer-0'],
  [
    'the testbed imports a service',
    'testbed/planted.ts',
    '../src/planted-b/main.ts',
    'testbed-starts-services-as-programs',
  ],
  ['the testbed imports a command', 'testbed/planted-up.ts', '../commands/planted-verb.ts', 'looks-up-from-layer-4'],
  [
    'a command imports a service',
    'commands/planted.ts',
    '../src/planted-b/main.ts',
    'testbed-starts-services-as-programs',
  ],
  [
    'somebody goes past the front door of the sdk',
    'testbed/planted-deep.ts',
    '../src/sdk/model/ids.ts',
    'sdk-by-its-front-door',
  ],
  [
    'somebody goes deep through the package name',
    'testbed/planted-deeper.ts',
    '@ezone/sdk/model/ids.ts',
    'unresolvable',
  ],
  [
    'a template imports the testbed',
    'templates/planted/main.ts',
    '../../testbed/topology/schema.ts',
    'templates-and-examples-use-the-sdk-only',
  ],
  [
    'an example imports a service',
    'examples/planted/main.ts',
    '../../src/planted-b/main.ts',
    'templates-and-examples-use-the-sdk-only',
  ],
  ['two modules import each other', 'testbed/planted-egg.ts', './planted-hen.ts', 'no-cycles'],
  [
    'the sdk imports what its package does not declare',
    'src/sdk/planted-package.ts',
    '@oclif/core',
    'undeclared-dependency',
  ],
  ['what is shipped imports a test', 'testbed/planted-shipped.ts', './planted.test.ts', 'tests-and-tools-serve-nobody'],
] as const

/** What the planted files lead to. */
const grounds: Readonly<Record<string, string>> = {
  'src/planted-b/main.ts': 'export const value = 1\n',
  'commands/planted-verb.ts': 'export const value = 1\n',
  'testbed/planted-hen.ts': "import { value } from './planted-egg.ts'\nexport { value }\n",
  'testbed/planted.test.ts': 'export const value = 1\n',
}

describe('the wall between the layers', { timeout: 120_000 }, () => {
  let copy: string
  let verdict: Verdict
  const plant = async (path: string, text: string) => {
    await mkdir(dirname(join(copy, path)), { recursive: true })
    await writeFile(join(copy, path), text)
  }

  beforeAll(async () => {
    copy = await copyOfTheHouse()
    for (const [path, text] of Object.entries(grounds)) await plant(path, text)
    for (const [, from, to] of planted) await plant(from, `import * as it from '${to}'\nexport const value = it\n`)
    verdict = await cruise(copy)
  }, 120_000)
  afterAll(() => rm(copy, { recursive: true, force: true }))

  it.each(planted)('stops it when %s', (_, from, __, rule) => {
    const named = verdict.summary.violations.filter((violation) => violation.from === from)
    expect(named.map((violation) => [violation.rule.name, violation.rule.severity])).toContainEqual([rule, 'error'])
  })

  it('fails the build, and tells the offender the reason', async () => {
    const { code, stdout } = await runCruiser(copy, 'err-long')
    expect(code).toBeGreaterThanOrEqual(planted.length)
    expect(stdout).toContain('Services meet over the wire; their contracts are in sdk/model/contracts.')
  })

  it('also stops types, dynamic imports and re-exports', async () => {
    const target = '../planted-b/main.ts'
    await plant('src/planted-d/type.ts', `import type { value } from '${target}'\nexport type It = typeof value\n`)
    await plant('src/planted-d/dynamic.ts', `export const it = () => import('${target}')\n`)
    await plant('src/planted-d/again.ts', `export * from '${target}'\n`)
    const { violations } = (await cruise(copy)).summary
    const strangers = violations.filter((violation) => violation.rule.name === 'services-are-strangers')
    const from = strangers.map((violation) => violation.from)
    expect(from).toEqual(
      expect.arrayContaining(['src/planted-d/type.ts', 'src/planted-d/dynamic.ts', 'src/planted-d/again.ts']),
    )
  })

  it('lets a service import its own files and the front doors of the sdk', () => {
    const violations = verdict.summary.violations.filter(({ from }) => !from.includes('planted'))
    const ours = violations.filter(({ rule }) =>
      ['services-are-strangers', 'sdk-by-its-front-door'].includes(rule.name),
    )
    expect(ours).toEqual([])
  })

  it('sees the whole house: a cruiser that cannot read TypeScript finds nothing wrong', async () => {
    const files = await Promise.all(
      folders.map((folder) => readdir(join(root, folder), { recursive: true }).catch(() => [] as string[])),
    )
    const written = files.flat().filter((path) => path.endsWith('.ts') && !/(^|\/)(dist|node_modules)\//.test(path))
    const { modules } = await cruise(root)
    const seen = modules.filter(({ source }) => folders.includes(source.split('/')[0] ?? '') && source.endsWith('.ts'))
    expect(written.length).toBeGreaterThan(20)
    expect(seen.length).toBeGreaterThanOrEqual(written.length * 0.9)
  })
})

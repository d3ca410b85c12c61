import { execFile, execFileSync } from 'node:child_process'
import { chmod, cp, mkdir, mkdtempDisposable, readdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

/** Plain JavaScript, for the old ones must understand it. */
const { isNewEnough, oldest } = (await import(join(root, 'bin', 'node-version.js'))) as {
  readonly oldest: string
  readonly isNewEnough: (version: string) => boolean
}

/** A Node that is too old: a real one of this machine, or this one told to say so. */
interface OldNode {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
}

const versionOf = (program: string): string | null => {
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8' }).trim().slice(1)
  } catch {
    return null
  }
}

const pretended = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } })`

/** The last one is always there, so no machine has nothing to test. */
const olds: readonly OldNode[] = [
  ...(process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .map((program) => ({ program, version: versionOf(program) }))
    .filter(({ version }) => version !== null && Number(version.split('.')[0]) >= 18 && !isNewEnough(version))
    .slice(0, 1)
    .map(({ program, version }) => ({ name: `Node ${version}`, program, args: [] })),
  {
    name: 'a Node that says 20.1.0',
    program: process.execPath,
    args: ['--import', `data:text/javascript,${encodeURIComponent(pretended)}`],
  },
]

/** What of the package is read before anything is installed; the CLI itself says under what it runs, and with what. */
async function packageIn(folder: string): Promise<string> {
  await cp(join(root, 'bin'), join(folder, 'bin'), { recursive: true })
  await cp(join(root, 'package.json'), join(folder, 'package.json'))
  const main = `
    let typed = ''
    for await (const chunk of process.stdin) typed += chunk
    const { execArgv, argv, versions, env } = process
    console.log(JSON.stringify({ node: versions.node, args: argv.slice(2), typed, mark: env.EZONE_STARTED_AGAIN }))
    process.exitCode = 7`
  await writeFile(join(folder, 'bin', 'main.js'), main)
  return join(folder, 'bin', 'run.js')
}

/** A program called node, in a folder of its own. */
async function nodeThat(folder: string, does: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'node'), `#!/bin/sh\n${does}\n`)
  await chmod(join(folder, 'node'), 0o755)
  return folder
}

const isNew = `exec ${process.execPath} "$@"`
const isOld = 'echo v20.1.0'
const isBroken = 'exit 3'

/** The npm of this machine in a folder without a Node: it runs under this one. */
async function npmIn(folder: string): Promise<string> {
  const found = (process.env.PATH ?? '').split(delimiter).map((one) => realpath(join(one, 'npm')).catch(() => null))
  const npm = (await Promise.all(found)).find((path) => path?.endsWith('.js'))
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'npm'), `#!/bin/sh\nexec ${process.execPath} ${npm} "$@"\n`, { mode: 0o755 })
  return folder
}

interface Ended {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

function start(old: OldNode, run: string, path: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { PATH: path.join(delimiter), HOME: tmpdir(), ...env } }
    const child = execFile(old.program, [...old.args, run, 'up', '--name', 'a b'], options, (error, stdout, stderr) =>
      resolve({ exit: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    )
    child.stdin?.end('typed')
  })
}

describe.each(olds)('ezone started under $name', (old) => {
  const inFolder = async (test: (folder: string, run: string) => Promise<void>) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'older-node-'))
    await test(folder.path, await packageIn(join(folder.path, 'package')))
  }
  const cacheIn = (folder: string) => ({ EZONE_CACHE_DIR: join(folder, 'cache') })

  it('starts again under the first new enough one on PATH: arguments, input and exit code pass through', () =>
    inFolder(async (folder, run) => {
      const path = [
        join(folder, 'missing'),
        await nodeThat(join(folder, 'old'), isOld),
        await nodeThat(join(folder, 'broken'), isBroken),
        await nodeThat(join(folder, 'new'), isNew),
      ]
      const { exit, stdout, stderr } = await start(old, run, path, cacheIn(folder))
      expect(stderr).toBe('')
      expect(exit).toBe(7)
      expect(JSON.parse(stdout)).toMatchObject({
        node: process.versions.node,
        args: ['up', '--name', 'a b'],
        typed: 'typed',
      })
    }))

  it('takes the one in its cache where PATH has none', () =>
    inFolder(async (folder, run) => {
      const name = `node-${process.platform}-${process.arch}`
      await nodeThat(join(folder, 'cache', 'node', '24.20.0', 'node_modules', name, 'bin'), isNew)
      const { exit, stdout } = await start(old, run, [await nodeThat(join(folder, 'old'), isOld)], cacheIn(folder))
      expect([exit, JSON.parse(stdout).node]).toEqual([7, process.versions.node])
    }))

  it('takes the one that was installed beside it', () =>
    inFolder(async (folder, run) => {
      const beside = join(folder, 'package', 'node_modules', 'node')
      await nodeThat(join(beside, 'bin'), isNew)
      await writeFile(join(beside, 'package.json'), '{"name": "node", "version": "24.21.0"}')
      const { exit, stdout } = await start(old, run, [await nodeThat(join(folder, 'old'), isOld)], cacheIn(folder))
      expect([exit, JSON.parse(stdout).node]).toEqual([7, process.versions.node])
    }))

  it('says what it found and what to do where npm reaches nothing, and leaves nothing in its cache', () =>
    inFolder(async (folder, run) => {
      const path = [await nodeThat(join(folder, 'old'), isOld), await npmIn(join(folder, 'npm'))]
      const nowhere = { ...cacheIn(folder), npm_config_registry: 'http://127.0.0.1:9', npm_config_cache: folder }
      const { exit, stdout, stderr } = await start(old, run, path, nowhere)
      expect(exit).toBe(4)
      expect(stdout).toBe('')
      expect(stderr).toMatch(/^ezone needs Node .* fetching Node \d+\.\d+\.\d+ \(once\)$/m)
      expect(stderr).toMatch(/^error ezone needs Node .*, and no other was found$/m)
      expect(stderr).toMatch(/^ {2}why {3}.*\/old\/node is 20\.1\.0; .*npm could not fetch Node .*127\.0\.0\.1:9/m)
      expect(stderr).toMatch(/EZ_NODE_TOO_OLD/)
      expect(await readdir(join(folder, 'cache', 'node'))).toEqual([])
    }))

  it('does not start again and again where a Node is no newer than it says', () =>
    inFolder(async (folder, run) => {
      const liar = [old.program, ...old.args.map((arg) => `'${arg}'`), '"$@"'].join(' ')
      const lies = `[ "$1" = --version ] && echo v99.0.0 && exit; exec ${liar}`
      const { exit, stderr } = await start(old, run, [await nodeThat(join(folder, 'liar'), lies)], cacheIn(folder))
      expect(exit).toBe(4)
      expect(stderr).toMatch(/liar\/node says another version when asked than when it runs/)
    }))
})

describe('the version asked for', () => {
  it('is the one of package.json, and the one that is fetched has it', async () => {
    const { engines, devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    expect(engines.node).toBe(`>=${oldest}`)
    expect(isNewEnough(devDependencies.node)).toBe(true)
  })

  it.each([
    ['24.15.0', true],
    ['24.14.9', false],
    ['25.0.0', true],
    ['22.99.0', false],
    ['9.99.0', false],
  ])('%s: %s', (version, enough) => {
    expect(isNewEnough(version)).toBe(enough)
  })
})

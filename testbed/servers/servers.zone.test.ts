import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, realpath, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { folders } from '../surroundings/folders.ts'
import { serveFiles } from '../testing/file-server.ts'
import { temporaryFolder } from '../testing/jar-set.ts'
import { pack } from './bundle/pack.ts'
import { unpack } from './bundle/unpack.ts'
import { ServerCache } from './cache.ts'
import { commandOf, type ServerHome, type ServerKind } from './home.ts'
import { provide } from './provide.ts'
import { pathSource } from './sources/path.ts'
import { versionOf } from './survey.ts'

const kinds = ['mysql', 'redis', 'java', 'kafka', 'zookeeper', 'toxiproxy'] as const
const signal = AbortSignal.timeout(600_000)
let homes: ReadonlyMap<ServerKind, ServerHome>

/** The user's own cache: whoever ran these tests before has fetched already. Package sources only, whatever is on PATH. */
beforeAll(async () => {
  homes = await provide(kinds, { cacheDir: folders().cache, sources: ['packages'], signal })
})

function homeOf(kind: ServerKind): ServerHome {
  const home = homes.get(kind)
  if (home === undefined) throw new Error(`no ${kind} was provided`)
  return home
}

async function ask(home: ServerHome, program: string, args: readonly string[]): Promise<string> {
  const [file, ...rest] = commandOf(home, program)
  const { stdout, stderr } = await execa(file, [...rest, ...args], { cancelSignal: signal })
  return `${stdout}\n${stderr}`
}

const java = (kind: 'kafka' | 'zookeeper', ...args: string[]) => {
  const path = homeOf(kind).jars.map((jar) => join(homeOf(kind).root, jar))
  return ask(homeOf('java'), 'java', ['-cp', path.join(':'), ...args])
}

describe('the real servers', () => {
  it.each(['mysql', 'redis', 'java', 'toxiproxy'] as const)(
    '%s says the version it was recorded with',
    async (kind) => {
      expect(await versionOf(homeOf(kind), signal)).toBe(homeOf(kind).version)
    },
  )

  it('kafka and zookeeper run on the java that came with them, with a log one can read', async () => {
    expect(await java('kafka', 'kafka.Kafka', '--version')).toContain(homeOf('kafka').version)
    const zookeeper = await java('zookeeper', 'org.apache.zookeeper.version.VersionInfoMain')
    expect(zookeeper).toContain(`version ${homeOf('zookeeper').version}`)
    for (const kind of ['kafka', 'zookeeper'] as const) {
      const names = homeOf(kind).jars.join(' ')
      expect(names).toMatch(/slf4j-simple-2\./)
      expect(names).toMatch(/slf4j-api-2\./)
      expect(names).not.toMatch(/logback|tcnative/)
    }
  })

  it.each([
    ['mysql', 'mysqld'],
    ['redis', 'redis-server'],
    ['java', 'java'],
  ] as const)('%s takes every library from its own tree', async (kind, program) => {
    const { loader, root, programs } = homeOf(kind)
    const folder = (loader?.libraries ?? []).map((library) => join(root, library)).join(':')
    const list = ['--library-path', folder, '--list', join(root, programs[program] ?? '')]
    const { stdout } = await execa(join(root, loader?.path ?? ''), list)
    const libraries = [...stdout.matchAll(/=> (\/\S+)/g)].map(([, path]) => path ?? '')
    expect(libraries.length).toBeGreaterThan(2)
    for (const library of libraries) expect(library.startsWith(root), library).toBe(true)
  })

  it('have no link that leads out of their tree', async () => {
    for (const kind of kinds) {
      const root = await realpath(homeOf(kind).root)
      const links = (await readdir(root, { recursive: true, withFileTypes: true })).filter((e) => e.isSymbolicLink())
      for (const link of links) {
        const target = await realpath(join(link.parentPath, link.name)).catch(() => root)
        expect(target.startsWith(root), `${link.parentPath}/${link.name} -> ${target}`).toBe(true)
      }
    }
  })

  it('toxiproxy needs no library at all: it starts in an empty container', async () => {
    const program = await readFile(
      join(homeOf('toxiproxy').root, homeOf('toxiproxy').programs['toxiproxy-server'] ?? ''),
    )
    expect(program.includes('ld-linux')).toBe(false)
  })
})

describe('fetching with the package clients', () => {
  it('into an empty cache leaves the servers and nothing else, as an ordinary user too', async () => {
    await using folder = await temporaryFolder()
    const home = join(folder.path, 'home')
    await mkdir(home)
    const cacheDir = join(home, 'cache')
    const script = `
      const { provide } = await import(${JSON.stringify(join(import.meta.dirname, 'provide.ts'))})
      const options = { cacheDir: ${JSON.stringify(cacheDir)}, sources: ['packages'], signal: AbortSignal.timeout(100_000) }
      const homes = await provide(['redis', 'zookeeper'], options)
      console.log([...homes.values()].map((home) => home.source).join())`
    const user = await ordinaryUser(folder.path)
    const args = ['--conditions=ezone-source', '--input-type=module', '-e', script]
    const { stdout } = await execa(process.execPath, args, { ...user, env: { HOME: home } })
    expect(stdout).toBe('packages:debian,packages:maven')
    expect((await readdir(home)).toSorted()).toEqual(['cache'])
    expect((await readdir(cacheDir)).toSorted()).toEqual(['locks', 'scratch', 'servers'])
    expect(await readdir(join(cacheDir, 'scratch'))).toEqual([])
    await carriedOver(cacheDir, folder.path)
  })
})

/** Somebody without rights, where the test itself runs as root. */
async function ordinaryUser(folder: string): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {}
  const nobody = 65534
  await execa('chown', ['-R', `${nobody}:${nobody}`, folder])
  return { uid: nobody, gid: nobody }
}

/** What was fetched there runs here after a journey in a bundle. */
async function carriedOver(cacheDir: string, folder: string): Promise<void> {
  const file = join(folder, 'servers.tar.zst')
  const { sha256 } = await pack(file, { cacheDir, signal })
  await unpack(file, { cacheDir: join(folder, 'offline'), sha256, signal })
  const arrived = await provide(['redis', 'zookeeper'], {
    cacheDir: join(folder, 'offline'),
    sources: ['packages'],
    signal,
  })
  const redis = arrived.get('redis')
  expect(redis?.root.startsWith(join(folder, 'offline'))).toBe(true)
  expect(redis && (await versionOf(redis, signal))).toBe(redis?.version)
}

describe('an archive re-packed from the cache', () => {
  it.each(['toxiproxy', 'redis'] as const)('gives %s through an address with its hash', async (kind) => {
    await using folder = await temporaryFolder()
    const archive = join(folder.path, `${kind}.tar.gz`)
    await execa('tar', ['-czf', archive, '-C', join(homeOf(kind).root, '../..'), '.'])
    const content = await readFile(archive)
    await using server = await serveFiles('127.101.1.1', { [`/${kind}.tar.gz`]: content })
    const sha256 = createHash('sha256').update(content).digest('hex')
    const source = { kind, url: `${server.url}/${kind}.tar.gz`, sha256 }
    const got = await provide([kind], { cacheDir: join(folder.path, 'cache'), sources: [source], signal })
    expect(got.get(kind)).toMatchObject({ version: homeOf(kind).version, source: `url:${source.url}` })
  })

  it('may be the single program', async () => {
    await using folder = await temporaryFolder()
    const content = await readFile(join(homeOf('toxiproxy').root, 'bin/toxiproxy-server'))
    await using server = await serveFiles('127.101.1.2', { '/toxiproxy-server-linux': content })
    const sha256 = createHash('sha256').update(content).digest('hex')
    const source = { kind: 'toxiproxy', url: `${server.url}/toxiproxy-server-linux`, sha256 } as const
    const got = await provide(['toxiproxy'], { cacheDir: join(folder.path, 'cache'), sources: [source], signal })
    expect(got.get('toxiproxy')?.version).toBe(homeOf('toxiproxy').version)
  })
})

describe('a server on PATH', () => {
  const ground = { scratch: '/nowhere', wanted: [], marker: {}, signal, report: () => {} }

  it('is used where it is, and never copied', async () => {
    await using folder = await temporaryFolder()
    await symlink(join(homeOf('toxiproxy').root, 'bin/toxiproxy-server'), join(folder.path, 'toxiproxy-server'))
    const found = await pathSource(folder.path).fetch('toxiproxy', '/nowhere', ground)
    if (found.files) throw new Error('PATH gives a home, not files')
    expect(found.home).toMatchObject({ source: 'path', version: homeOf('toxiproxy').version, licence: 'MIT' })
    expect(await versionOf(found.home, signal)).toBe(homeOf('toxiproxy').version)
    expect(await new ServerCache(folder.path).entries()).toEqual([])
  })

  it('is refused with a reason where one of its programs is missing', async () => {
    await using folder = await temporaryFolder()
    await expect(pathSource(folder.path).fetch('redis', '/nowhere', ground)).rejects.toThrow('no redis-server on PATH')
  })
})

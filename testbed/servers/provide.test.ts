import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { type FileServer, serveFiles } from '../testing/file-server.ts'
import { temporaryFolder, writeJarSet } from '../testing/jar-set.ts'
import { ServerCache } from './cache.ts'
import { type ProvideEvent, provide } from './provide.ts'
import { needRoom } from './room.ts'

const signal = AbortSignal.timeout(60_000)
const host = '127.100.2.1'

/** A file server with a ZooKeeper, a cache, and the settings that lead from one to the other. */
async function ground() {
  const folder = await temporaryFolder()
  await writeJarSet(join(folder.path, 'set'))
  await execa('tar', ['-czf', join(folder.path, 'zk.tgz'), '-C', folder.path, 'set'])
  const content = await readFile(join(folder.path, 'zk.tgz'))
  const server = await serveFiles(host, { '/zk.tgz': content })
  const sha256 = createHash('sha256').update(content).digest('hex')
  const source = { kind: 'zookeeper', url: `${server.url}/zk.tgz`, sha256 } as const
  const events: ProvideEvent[] = []
  const cacheDir = join(folder.path, 'cache')
  const options = { cacheDir, sources: [source], signal, report: (event: ProvideEvent) => events.push(event) }
  return {
    server,
    source,
    events,
    options,
    cache: new ServerCache(cacheDir),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const jarOf = (root: string | undefined) => join(root ?? '', 'lib/zookeeper-3.9.5.jar')
const seen = (events: readonly ProvideEvent[]) => events.map((event) => event.type)

describe('when no source can give a server', () => {
  it('tells the reason of every source, none dropped', async () => {
    await using at = await ground()
    const { url } = at.server
    const missing = { kind: 'zookeeper', url: `${url}/gone.tgz`, sha256: '0'.repeat(64) } as const
    const unhashed = { kind: 'zookeeper', url: `${url}/zk.tgz`, checksums: `${url}/SUMS` } as const
    const foreign = { kind: 'redis', url: `${url}/redis.tgz`, sha256: '0'.repeat(64) } as const
    const sources = ['path', missing, unhashed, foreign] as const
    const failure = await provide(['zookeeper'], { ...at.options, sources }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'EZ_SERVER_UNAVAILABLE', message: 'no source could give zookeeper 3.9' })
    expect((failure as { cause: AggregateError }).cause.errors.map((reason: Error) => reason.message)).toEqual([
      'path: has no zookeeper',
      `url:${url}/gone.tgz: ${url}/gone.tgz answers 404 Not Found`,
      `url:${url}/zk.tgz: ${url}/SUMS answers 404 Not Found`,
      `url:${url}/redis.tgz: has no zookeeper`,
    ])
  })

  it('tells the reasons of several servers at once, and still installs those that can be had', async () => {
    await using at = await ground()
    const failure = await provide(['zookeeper', 'kafka', 'redis'], at.options).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'EZ_SERVER_UNAVAILABLE' })
    expect((failure as { cause: AggregateError }).cause.errors).toHaveLength(2)
    expect((await at.cache.entries()).map((entry) => entry.kind)).toEqual(['zookeeper'])
  })

  it('names the address when nobody answers there', async () => {
    await using at = await ground()
    await at.server[Symbol.asyncDispose]()
    const failure = await provide(['zookeeper'], at.options).catch((error: unknown) => error)
    const [reason] = (failure as { cause: AggregateError }).cause.errors
    expect(reason.message).toContain(`${at.source.url} does not answer`)
  })
})

describe('a damaged server in the cache', () => {
  it('is put aside with a warning and fetched again', async () => {
    await using at = await ground()
    const first = await provide(['zookeeper'], at.options)
    await writeFile(jarOf(first.get('zookeeper')?.root), 'zookeepeR 3.9.5')
    at.events.length = 0
    const second = await provide(['zookeeper'], at.options)
    expect(await readFile(jarOf(second.get('zookeeper')?.root), 'utf8')).toBe('zookeeper 3.9.5')
    expect(seen(at.events)).toEqual(['warning', 'progress', 'installed'])
    expect(at.events[0]?.text).toContain('lib/zookeeper-3.9.5.jar has another content')
    expect(await at.cache.quarantined()).toHaveLength(1)
  })

  it('is an error of its own where it cannot be fetched again', async () => {
    await using at = await ground()
    const homes = await provide(['zookeeper'], at.options)
    await writeFile(jarOf(homes.get('zookeeper')?.root), 'tampered')
    await at.server[Symbol.asyncDispose]()
    await expect(provide(['zookeeper'], at.options)).rejects.toMatchObject({
      code: 'EZ_CACHE_CORRUPT',
      message: expect.stringContaining('has 8 bytes instead of 15'),
    })
    expect(await at.cache.quarantined()).toHaveLength(1)
  })
})

describe('the cache', () => {
  it('is asked before any source', async () => {
    await using at = await ground()
    await provide(['zookeeper'], at.options)
    at.events.length = 0
    await provide(['zookeeper'], at.options)
    expect(seen(at.events)).toEqual(['cached'])
    expect(at.server.asked).toHaveLength(1)
  })

  it('does not answer with a server of a source the user did not name', async () => {
    await using at = await ground()
    await provide(['zookeeper'], at.options)
    await expect(provide(['zookeeper'], { ...at.options, sources: ['path'] })).rejects.toMatchObject({
      code: 'EZ_SERVER_UNAVAILABLE',
      cause: {
        errors: [
          new Error(`cache: has zookeeper 3.9.5 from url:${at.source.url}, which is not among the sources`),
          new Error('path: has no zookeeper'),
        ],
      },
    })
  })
})

/** A process of its own that provides a ZooKeeper and then says so. */
function otherProcess(options: { cacheDir: string; sources: readonly object[] }) {
  const module = JSON.stringify(join(import.meta.dirname, 'provide.ts'))
  const script = `
    const { provide } = await import(${module})
    await provide(['zookeeper'], { ...${JSON.stringify(options)}, signal: AbortSignal.timeout(30_000) })`
  return spawn(process.execPath, ['--conditions=ezone-source', '--input-type=module', '-e', script], {
    stdio: 'inherit',
  })
}

async function until(condition: () => boolean): Promise<void> {
  const { setTimeout: sleep } = await import('node:timers/promises')
  while (!condition()) await sleep(10, undefined, { signal })
}

describe('processes that want the same server', () => {
  it('fetch it once, however many they are', async () => {
    await using at = await ground()
    const { cacheDir, sources } = at.options
    const children = [1, 2, 3].map(() => otherProcess({ cacheDir, sources }))
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'close'))[0]))
    expect(codes).toEqual([0, 0, 0])
    expect(at.server.asked).toEqual(['/zk.tgz'])
  }, 30_000)

  it('are not held up by one that was killed half way, nor by what it left', async () => {
    await using at = await ground()
    await using silent: FileServer = await serveFiles('127.100.2.2', { '/zk.tgz': null })
    const { cacheDir } = at.options
    const child = otherProcess({ cacheDir, sources: [{ ...at.source, url: `${silent.url}/zk.tgz` }] })
    await until(() => silent.asked.length > 0)
    expect(await readdir(join(cacheDir, 'scratch'))).toEqual(['zookeeper'])
    child.kill('SIGKILL')
    await once(child, 'close')
    await provide(['zookeeper'], at.options)
    expect(await readdir(join(cacheDir, 'scratch'))).toEqual([])
  }, 30_000)
})

describe('room on the disk', () => {
  it('is asked for before anything is fetched, with path and numbers', async () => {
    await using folder = await temporaryFolder()
    await expect(needRoom(folder.path, 9e15)).rejects.toMatchObject({
      code: 'EZ_NO_DISK',
      message: expect.stringMatching(/^\/.+ needs 8381903.2 GiB for this, and its disk has [\d.]+ GiB free$/),
    })
    await needRoom(folder.path, 1)
  })

  it('is told apart from a folder that cannot be written to', async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'file'), '')
    await expect(needRoom(join(folder.path, 'file/cache'), 1)).rejects.toMatchObject({ code: 'EZ_STATE_UNREADABLE' })
  })
})

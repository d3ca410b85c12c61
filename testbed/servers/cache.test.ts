import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cacheWithJarSet, temporaryFolder } from '../testing/jar-set.ts'
import { ServerCache } from './cache.ts'

describe('the cache', () => {
  it('keeps a server with its version, source, licence and the hash of every file', async () => {
    await using folder = await temporaryFolder()
    const { cache } = await cacheWithJarSet(folder.path)
    const [entry, ...others] = await cache.entries()
    expect(others).toEqual([])
    expect(entry?.manifest?.home).toMatchObject({
      kind: 'zookeeper',
      version: '3.9.5',
      source: 'packages:maven',
      licence: 'Apache-2.0',
      jars: ['lib/netty-handler-4.1.130.Final.jar', 'lib/zookeeper-3.9.5.jar'],
    })
    expect(Object.keys(entry?.manifest?.files ?? {})).toContain('lib/zookeeper-3.9.5.jar')
    expect(entry?.manifest?.links).toEqual({ COPYING: 'LICENSE.txt' })
  })

  it('leaves nothing in scratch when the right to install is given back', async () => {
    await using folder = await temporaryFolder()
    await cacheWithJarSet(folder.path)
    expect(await readdir(join(folder.path, 'scratch'))).toEqual([])
  })

  it('clears what a killed run left in scratch', async () => {
    await using folder = await temporaryFolder()
    const cache = new ServerCache(folder.path)
    await mkdir(join(folder.path, 'scratch/zookeeper/files'), { recursive: true })
    await writeFile(join(folder.path, 'scratch/zookeeper/files/half.jar'), 'half')
    await using right = await cache.lock('zookeeper', AbortSignal.timeout(20_000))
    expect(await readdir(right.scratch)).toEqual([])
  })

  it('replaces an entry of the same version and source, and keeps one of another source beside it', async () => {
    await using folder = await temporaryFolder()
    await cacheWithJarSet(folder.path)
    await cacheWithJarSet(folder.path)
    const { cache } = await cacheWithJarSet(folder.path, { source: 'url:http://127.0.0.1/zk.tar' })
    const sources = (await cache.entriesOf('zookeeper')).map((entry) => entry.manifest?.home.source)
    expect(sources.toSorted()).toEqual(['packages:maven', 'url:http://127.0.0.1/zk.tar'])
  })

  it('shows an entry whose manifest cannot be read as one without manifest', async () => {
    await using folder = await temporaryFolder()
    const { cache, entry } = await cacheWithJarSet(folder.path)
    await writeFile(join(entry.folder, 'manifest.json'), '{"format": 1')
    expect((await cache.entriesOf('zookeeper')).map((found) => found.manifest)).toEqual([null])
  })

  it('puts a damaged entry aside where it is not found any more', async () => {
    await using folder = await temporaryFolder()
    const { cache, entry } = await cacheWithJarSet(folder.path)
    const aside = await cache.quarantine(entry)
    expect(await cache.entries()).toEqual([])
    expect(await cache.quarantined()).toEqual([aside])
  })
})

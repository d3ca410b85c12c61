import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cacheWithJarSet, temporaryFolder } from '../testing/jar-set.ts'
import { ServerCache } from './cache.ts'
import { inventory } from './inventory.ts'
import { prune } from './prune.ts'

const signal = AbortSignal.timeout(20_000)
const nothing = { corrupt: false, older: false, all: false, signal }

/** A cache with a good entry, a damaged one, one without manifest, and one of a version ezone does not run. */
async function mixedCache(folder: string) {
  await cacheWithJarSet(folder)
  const damaged = await cacheWithJarSet(folder, { source: 'url:damaged' })
  await writeFile(join(damaged.entry.root, 'lib/zookeeper-3.9.5.jar'), 'tampered')
  const { cache, entry } = await cacheWithJarSet(folder, { source: 'url:foreign' })
  const foreign = { ...entry.manifest, architecture: 'pdp11' }
  await writeFile(join(entry.folder, 'manifest.json'), JSON.stringify(foreign))
  return cache
}

const states = async (cacheDir: string) =>
  Object.fromEntries(
    (await inventory({ cacheDir, verify: false, signal })).map((row) => [row.source, [row.state, row.problem]]),
  )

describe('the inventory', () => {
  it('is empty where there is no cache', async () => {
    await using folder = await temporaryFolder()
    expect(await inventory({ cacheDir: join(folder.path, 'none'), verify: false, signal })).toEqual([])
  })

  it('says of every entry whether it can be used, and why not', async () => {
    await using folder = await temporaryFolder()
    await mixedCache(folder.path)
    expect(await states(folder.path)).toEqual({
      'packages:maven': ['ready', null],
      'url:damaged': ['damaged', 'lib/zookeeper-3.9.5.jar has 8 bytes instead of 15'],
      'url:foreign': ['other', 'is for pdp11'],
    })
  })
})

describe('pruning', () => {
  it('removes damaged entries and what was put aside, and nothing else, with corrupt', async () => {
    await using folder = await temporaryFolder()
    const cache = await mixedCache(folder.path)
    const extra = await cacheWithJarSet(folder.path, { source: 'url:aside' })
    await cache.quarantine(extra.entry)
    const removed = await prune({ ...nothing, cacheDir: folder.path, corrupt: true })
    expect(removed.map(({ what }) => what)).toEqual(['zookeeper 3.9.5', 'damaged entry'])
    expect(Object.keys(await states(folder.path)).toSorted()).toEqual(['packages:maven', 'url:foreign'])
    expect(await cache.quarantined()).toEqual([])
  })

  it('removes what no up would use with older', async () => {
    await using folder = await temporaryFolder()
    await mixedCache(folder.path)
    await prune({ ...nothing, cacheDir: folder.path, older: true })
    expect(Object.keys(await states(folder.path)).toSorted()).toEqual(['packages:maven', 'url:damaged'])
  })

  it('removes everything with all', async () => {
    await using folder = await temporaryFolder()
    await mixedCache(folder.path)
    await prune({ ...nothing, cacheDir: folder.path, all: true })
    expect(await new ServerCache(folder.path).entries()).toEqual([])
  })

  it('refuses, and removes nothing, while a process runs from an entry', async () => {
    await using folder = await temporaryFolder()
    const { entry } = await cacheWithJarSet(folder.path)
    const { spawn } = await import('node:child_process')
    const reader = spawn('tail', ['-f', join(entry.root, 'lib/zookeeper-3.9.5.jar')], { stdio: 'ignore' })
    try {
      await expect(prune({ ...nothing, cacheDir: folder.path, all: true })).rejects.toMatchObject({ code: 'EZ_BUSY' })
      expect(Object.keys(await states(folder.path))).toEqual(['packages:maven'])
    } finally {
      reader.kill('SIGKILL')
    }
  })
})

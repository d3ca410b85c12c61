import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../testbed/surroundings/folders.ts'
import { cacheWithJarSet, temporaryFolder } from '../../testbed/testing/jar-set.ts'

/** The command as a user types it, with a cache of its own. */
async function ezone(folder: string, cache: string, ...args: readonly string[]) {
  const run = join(packageRoot, 'bin/run.js')
  const result = await execa(process.execPath, [run, 'servers', ...args, '--json'], {
    cwd: folder,
    reject: false,
    env: { EZONE_CACHE_DIR: join(folder, cache) },
  })
  return { exit: result.exitCode, ...JSON.parse(result.stdout) }
}

describe('ezone servers', () => {
  it('lists, packs, unpacks and prunes what the cache has', async () => {
    await using folder = await temporaryFolder()
    await cacheWithJarSet(join(folder.path, 'here'))
    const here = (...args: string[]) => ezone(folder.path, 'here', ...args)
    const there = (...args: string[]) => ezone(folder.path, 'there', ...args)

    const server = { kind: 'zookeeper', version: '3.9.5', source: 'packages:maven', licence: 'Apache-2.0' }
    expect(await here('list')).toMatchObject({ exit: 0, ok: true, data: { servers: [{ ...server, state: 'ready' }] } })
    const packed = await here('pack', 'servers.tar.zst')
    expect(packed).toMatchObject({ exit: 0, data: { servers: [{ kind: 'zookeeper' }] } })

    expect((await there('list')).data.servers).toEqual([])
    const unpacked = await there('unpack', 'servers.tar.zst', '--sha256', packed.data.sha256)
    expect(unpacked).toMatchObject({ exit: 0, data: { servers: [{ kind: 'zookeeper' }] } })
    expect(await there('list', '--verify')).toMatchObject({ data: { servers: [server] } })
    expect((await there('prune')).data.removed).toEqual([])
    expect((await there('prune', '--all')).data.removed).toHaveLength(1)
    expect((await there('list')).data.servers).toEqual([])
  })

  it('asks the sources of ezone.yaml, and tells the reason of each when none can help', async () => {
    await using folder = await temporaryFolder()
    const yaml = `sources: [path, {kind: redis, url: 'http://127.102.2.1:9/redis.tgz', sha256: ${'ab'.repeat(32)}}]\n`
    await writeFile(join(folder.path, 'ezone.yaml'), yaml)
    const answer = await ezone(folder.path, 'empty', 'fetch', 'kafka', 'redis')
    expect(answer).toMatchObject({ exit: 4, ok: false, error: { code: 'EZ_SERVER_UNAVAILABLE' } })
    expect(answer.error.cause).toContain('path: has no kafka')
    expect(answer.error.cause).toContain('http://127.102.2.1:9/redis.tgz does not answer')
  })

  it('refuses a server it does not know, and flags that exclude one another', async () => {
    await using folder = await temporaryFolder()
    expect(await ezone(folder.path, 'empty', 'fetch', 'oracle')).toMatchObject({ exit: 2, error: { code: 'EZ_USAGE' } })
    expect(await ezone(folder.path, 'empty', 'prune', '--all', '--older')).toMatchObject({ exit: 2 })
  })
})

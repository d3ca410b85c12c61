import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { serveFiles } from '../../testing/file-server.ts'
import { temporaryFolder, writeJarSet } from '../../testing/jar-set.ts'
import { provide } from '../provide.ts'
import { hashFor } from './url.ts'

const signal = AbortSignal.timeout(30_000)
const host = '127.100.1.1'
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')

/** A publisher's archive of a ZooKeeper: one folder named after the version, jars in lib. */
async function archive(folder: string, compression = '-z'): Promise<Buffer> {
  await writeJarSet(join(folder, 'apache-zookeeper-3.9.5-bin'))
  await execa('tar', ['-c', compression, '-f', join(folder, 'zk.tar'), '-C', folder, 'apache-zookeeper-3.9.5-bin'])
  return readFile(join(folder, 'zk.tar'))
}

describe('a server from an address of the user', () => {
  it.each(['-z', '-J', '--zstd'])('is installed when its hash is right (tar %s)', async (compression) => {
    await using folder = await temporaryFolder()
    const content = await archive(folder.path, compression)
    await using server = await serveFiles(host, { '/zk.tgz': content })
    const cacheDir = join(folder.path, 'cache')
    const source = { kind: 'zookeeper', url: `${server.url}/zk.tgz`, sha256: sha256(content) } as const
    const homes = await provide(['zookeeper'], { cacheDir, sources: [source], signal })
    expect(homes.get('zookeeper')).toMatchObject({ version: '3.9.5', source: `url:${server.url}/zk.tgz` })
    expect(homes.get('zookeeper')?.jars).toContain('lib/zookeeper-3.9.5.jar')
    await provide(['zookeeper'], { cacheDir, sources: [source], signal })
    expect(server.asked).toEqual(['/zk.tgz'])
  })

  it("may take its hash from the publisher's checksum file", async () => {
    await using folder = await temporaryFolder()
    const content = await archive(folder.path)
    await using server = await serveFiles(host, {
      '/zk.tgz': content,
      '/SHA256SUMS': `${'0'.repeat(64)}  other.tgz\n${sha256(content)}  zk.tgz\n`,
    })
    const source = { kind: 'zookeeper', url: `${server.url}/zk.tgz`, checksums: `${server.url}/SHA256SUMS` } as const
    const homes = await provide(['zookeeper'], { cacheDir: join(folder.path, 'cache'), sources: [source], signal })
    expect(homes.get('zookeeper')?.version).toBe('3.9.5')
  })

  it('is refused before anything is unpacked when its hash is wrong, and no later source covers it up', async () => {
    await using folder = await temporaryFolder()
    const content = await archive(folder.path)
    await using server = await serveFiles(host, { '/zk.tgz': content, '/other.tgz': content })
    const cacheDir = join(folder.path, 'cache')
    const bad = { kind: 'zookeeper', url: `${server.url}/zk.tgz`, sha256: '0'.repeat(64) } as const
    const good = { kind: 'zookeeper', url: `${server.url}/other.tgz`, sha256: sha256(content) } as const
    await expect(provide(['zookeeper'], { cacheDir, sources: [bad, good], signal })).rejects.toMatchObject({
      code: 'EZ_HASH_MISMATCH',
      message: expect.stringContaining(sha256(content)),
    })
    expect(server.asked).toEqual(['/zk.tgz'])
    expect((await readdir(cacheDir)).toSorted()).toEqual(['locks', 'scratch'])
    expect(await readdir(join(cacheDir, 'scratch'))).toEqual([])
  })

  it('is not waited for when the user has had enough', async () => {
    await using folder = await temporaryFolder()
    await using server = await serveFiles(host, { '/zk.tgz': null })
    const enough = new AbortController()
    const source = { kind: 'zookeeper', url: `${server.url}/zk.tgz`, sha256: '0'.repeat(64) } as const
    const cacheDir = join(folder.path, 'cache')
    const providing = provide(['zookeeper'], {
      cacheDir,
      sources: [source],
      signal: enough.signal,
      report: () => enough.abort(new Error('enough')),
    })
    await expect(providing).rejects.toThrow('enough')
    expect(await readdir(join(cacheDir, 'scratch'))).toEqual([])
  })
})

describe('a checksum file', () => {
  const hash = 'ab'.repeat(32)
  it.each([
    ['GNU', `${hash}  k6.tgz`],
    ['GNU, binary', `${hash} *k6.tgz`],
    ['with folders', `${hash}  ./dist/k6.tgz`],
    ['BSD', `SHA256 (k6.tgz) = ${hash}`],
    ['the hash alone', `${hash}\n`],
    ['in capitals, among others', `${'0'.repeat(64)}  a\n${hash.toUpperCase()}  k6.tgz\n`],
  ])('is understood: %s', (_form, text) => {
    expect(hashFor('k6.tgz', text)).toBe(hash)
  })

  it.each([
    ['of another file', `${hash}  k7.tgz`],
    ['of another kind of hash', `${'ab'.repeat(64)}  k6.tgz`],
    ['that is a web page', '<html>not found</html>'],
    ['that is empty', ''],
  ])('%s gives no hash', (_form, text) => {
    expect(hashFor('k6.tgz', text)).toBeNull()
  })
})

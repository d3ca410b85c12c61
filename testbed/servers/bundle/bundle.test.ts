import { open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cacheWithJarSet, temporaryFolder } from '../../testing/jar-set.ts'
import { ServerCache } from '../cache.ts'
import { inventory } from '../inventory.ts'
import { pack } from './pack.ts'
import { unpack } from './unpack.ts'

const signal = AbortSignal.timeout(30_000)

/** Two machines: `from` has a server, `to` has nothing. */
async function twoMachines() {
  const folder = await temporaryFolder()
  const from = join(folder.path, 'from')
  const { entry } = await cacheWithJarSet(from)
  const to = { cacheDir: join(folder.path, 'to'), signal }
  const arrived = async () => (await new ServerCache(to.cacheDir).entries()).map((e) => e.manifest?.home)
  const file = (name: string) => join(folder.path, name)
  return {
    from: { cacheDir: from, signal },
    to,
    entry,
    arrived,
    file,
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  }
}

describe('a bundle', () => {
  it.each(['b.tar', 'b.tar.gz', 'b.tgz', 'b.tar.zst'])(
    'carries the servers of one cache to another as %s',
    async (name) => {
      await using machines = await twoMachines()
      const { from, to, file, entry, arrived } = machines
      const packed = await pack(file(name), from)
      expect(packed.bytes).toBe((await stat(file(name))).size)
      const servers = await unpack(file(name), { ...to, sha256: packed.sha256 })
      expect(servers.map(({ kind, version, source }) => [kind, version, source])).toEqual([
        ['zookeeper', '3.9.5', 'packages:maven'],
      ])
      expect(await arrived()).toEqual([entry.manifest?.home])
      expect((await inventory({ ...to, verify: true })).map((row) => row.state)).toEqual(['ready'])
    },
  )

  it('may be unpacked twice', async () => {
    await using machines = await twoMachines()
    await pack(machines.file('b.tar'), machines.from)
    await unpack(machines.file('b.tar'), machines.to)
    await unpack(machines.file('b.tar'), machines.to)
    expect(await machines.arrived()).toHaveLength(1)
  })

  it('leaves no half-written file and nothing in scratch', async () => {
    await using machines = await twoMachines()
    await pack(machines.file('b.tar.gz'), machines.from)
    expect((await readdir(machines.file('.'))).toSorted()).toEqual(['b.tar.gz', 'from'])
    expect(await readdir(join(machines.from.cacheDir, 'scratch'))).toEqual([])
  })
})

describe('a bundle that cannot be trusted', () => {
  it('is refused, and nothing is installed, when one byte of a server changed', async () => {
    await using machines = await twoMachines()
    const { file, from, to, arrived } = machines
    await pack(file('b.tar'), from)
    const text = await readFile(file('b.tar'), 'latin1')
    await writeFile(file('b.tar'), text.replace('zookeeper 3.9.5', 'zookeepeR 3.9.5'), 'latin1')
    await expect(unpack(file('b.tar'), to)).rejects.toMatchObject({
      code: 'EZ_HASH_MISMATCH',
      message: expect.stringContaining('lib/zookeeper-3.9.5.jar has another content'),
    })
    expect(await arrived()).toEqual([])
  })

  it('is refused when it is not the file whose hash the user was told', async () => {
    await using machines = await twoMachines()
    await pack(machines.file('b.tar'), machines.from)
    const sha256 = '0'.repeat(64)
    await expect(unpack(machines.file('b.tar'), { ...machines.to, sha256 })).rejects.toMatchObject({
      code: 'EZ_HASH_MISMATCH',
    })
  })

  it.each(['b.tar', 'b.tar.gz', 'b.tar.zst'])('is refused when it was cut off (%s)', async (name) => {
    await using machines = await twoMachines()
    await pack(machines.file(name), machines.from)
    await truncate(machines.file(name), Math.floor((await stat(machines.file(name))).size / 2))
    await expect(unpack(machines.file(name), machines.to)).rejects.toMatchObject({ code: 'EZ_HASH_MISMATCH' })
    expect(await machines.arrived()).toEqual([])
    expect(await readdir(join(machines.to.cacheDir, 'scratch'))).toEqual([])
  })

  it('is refused when it is no bundle at all', async () => {
    await using machines = await twoMachines()
    await expect(unpack(machines.file('none.tar'), machines.to)).rejects.toMatchObject({ code: 'EZ_USAGE' })
    await using other = await open(machines.file('b.tar'), 'w')
    await other.write(Buffer.alloc(10_240))
    await expect(unpack(machines.file('b.tar'), machines.to)).rejects.toMatchObject({ code: 'EZ_USAGE' })
  })
})

describe('packing', () => {
  it('refuses to hand on a damaged server', async () => {
    await using machines = await twoMachines()
    await writeFile(join(machines.entry.root, 'lib/zookeeper-3.9.5.jar'), 'tampered')
    await expect(pack(machines.file('b.tar'), machines.from)).rejects.toMatchObject({ code: 'EZ_CACHE_CORRUPT' })
    expect(await readdir(machines.file('.'))).toEqual(['from'])
  })

  it('says what to do when there is nothing to pack, or the name says no format', async () => {
    await using machines = await twoMachines()
    await expect(pack(machines.file('b.zip'), machines.from)).rejects.toMatchObject({ code: 'EZ_USAGE' })
    await rm(machines.entry.folder, { recursive: true })
    await expect(pack(machines.file('b.tar'), machines.from)).rejects.toMatchObject({ code: 'EZ_SERVER_UNAVAILABLE' })
  })
})

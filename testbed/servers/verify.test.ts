import { readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cacheWithJarSet, temporaryFolder } from '../testing/jar-set.ts'
import { differences } from './verify.ts'

const jar = 'lib/zookeeper-3.9.5.jar'

async function installed() {
  const folder = await temporaryFolder()
  const { entry, signal } = await cacheWithJarSet(folder.path)
  if (entry.manifest === null) throw new Error('an installed entry has a manifest')
  const { root, manifest } = entry
  const check = (thorough: boolean) => differences(root, manifest, { thorough, signal })
  return { root, manifest, check, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] }
}

describe('an entry that is as it was installed', () => {
  it('shows no difference', async () => {
    await using entry = await installed()
    expect(await entry.check(false)).toEqual([])
    expect(await entry.check(true)).toEqual([])
  })

  it('may be copied: other times alone are no difference', async () => {
    await using entry = await installed()
    await utimes(join(entry.root, jar), 1, 1)
    expect(await entry.check(false)).toEqual([])
  })
})

describe('an entry that was changed', () => {
  it('is found whatever byte of a file changed', async () => {
    await using entry = await installed()
    const path = join(entry.root, jar)
    const whole = await readFile(path)
    const change = fc.record({ at: fc.nat(whole.length - 1), flip: fc.integer({ min: 1, max: 255 }) })
    await fc.assert(
      fc.asyncProperty(change, async ({ at, flip }) => {
        const changed = Buffer.from(whole)
        changed[at] = (changed[at] ?? 0) ^ flip
        await writeFile(path, changed)
        expect(await entry.check(true)).toEqual([`${jar} has another content`])
        expect(await entry.check(false)).toEqual([`${jar} has another content`])
      }),
      { numRuns: 25 },
    )
  })

  it('is found by the thorough check even where size and time are kept', async () => {
    await using entry = await installed()
    const path = join(entry.root, jar)
    const kept = entry.manifest.files[jar]
    await writeFile(path, (await readFile(path, 'utf8')).replace('zookeeper', 'zookeepeR'))
    await utimes(path, 0, (kept?.mtimeMs ?? 0) / 1000)
    expect(await entry.check(true)).toEqual([`${jar} has another content`])
  })

  it('is found when a file is missing, cut off, or turned into a link', async () => {
    await using entry = await installed()
    await writeFile(join(entry.root, jar), 'zoo')
    expect(await entry.check(false)).toEqual([`${jar} has 3 bytes instead of 15`])
    await rm(join(entry.root, jar))
    expect(await entry.check(false)).toEqual([`${jar} is missing`])
    await symlink('/etc/hostname', join(entry.root, jar))
    expect(await entry.check(false)).toEqual([`${jar} is not a file any more`])
  })

  it('is found when a link leads elsewhere', async () => {
    await using entry = await installed()
    await rm(join(entry.root, 'COPYING'))
    await symlink('/etc/hostname', join(entry.root, 'COPYING'))
    expect(await entry.check(false)).toEqual(['COPYING does not point to LICENSE.txt'])
  })

  it('is found by the thorough check when a file was added', async () => {
    await using entry = await installed()
    await writeFile(join(entry.root, 'lib/other.jar'), 'on the class path')
    expect(await entry.check(true)).toEqual(['lib/other.jar was not installed'])
  })
})

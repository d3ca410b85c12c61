import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { copyTree, linkOrCopy } from './copy-tree.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ezone-copy-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const never = new AbortController().signal
const KiB = 1024

/** Runs of zeros and of other bytes, of lengths around the copier's block of 64 KiB. */
const runs = fc.array(fc.record({ byte: fc.constantFrom(0, 0, 7), length: fc.integer({ min: 0, max: 150 * KiB }) }), {
  maxLength: 5,
})

it('copies any file byte for byte', async () => {
  let round = 0
  await fc.assert(
    fc.asyncProperty(runs, async (drawn) => {
      const bytes = Buffer.concat(drawn.map(({ byte, length }) => Buffer.alloc(length, byte)))
      const [from, to] = [join(folder, `from${++round}`), join(folder, `to${round}`)]
      await mkdir(join(from, 'sub'), { recursive: true })
      await writeFile(join(from, 'sub', 'file'), bytes)
      await copyTree(from, to, never)
      expect((await readFile(join(to, 'sub', 'file'))).equals(bytes)).toBe(true)
    }),
    { numRuns: 40 },
  )
})

it('stores no blocks of zeros', async () => {
  await mkdir(join(folder, 'from'))
  await writeFile(join(folder, 'from', 'file'), Buffer.alloc(8 * 1024 * KiB))
  await copyTree(join(folder, 'from'), join(folder, 'to'), never)
  const { size, blocks } = await stat(join(folder, 'to', 'file'))
  expect(size).toBe(8 * 1024 * KiB)
  expect(blocks * 512).toBeLessThan(64 * KiB)
})

it('keeps folders that are empty', async () => {
  await mkdir(join(folder, 'from', 'empty'), { recursive: true })
  await copyTree(join(folder, 'from'), join(folder, 'to'), never)
  expect(await readdir(join(folder, 'to'))).toEqual(['empty'])
})

it('stops when it is called off', async () => {
  await mkdir(join(folder, 'from'))
  await writeFile(join(folder, 'from', 'file'), 'x')
  const called = AbortSignal.abort(new Error('called off'))
  await expect(copyTree(join(folder, 'from'), join(folder, 'to'), called)).rejects.toThrow('called off')
})

it('gives a file a second name, so that its pages are shared', async () => {
  await writeFile(join(folder, 'archive'), 'x')
  await linkOrCopy(join(folder, 'archive'), join(folder, 'second'))
  expect((await stat(join(folder, 'second'))).ino).toBe((await stat(join(folder, 'archive'))).ino)
})

it('copies a file that cannot have a second name there', async () => {
  // /dev/shm is another file system than any temporary folder on disk, and may be the same where that is in memory.
  const elsewhere = await mkdtemp('/dev/shm/ezone-copy-')
  try {
    await writeFile(join(folder, 'archive'), 'x')
    await linkOrCopy(join(folder, 'archive'), join(elsewhere, 'second'))
    expect(await readFile(join(elsewhere, 'second'), 'utf8')).toBe('x')
  } finally {
    await rm(elsewhere, { recursive: true })
  }
})

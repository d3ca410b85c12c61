import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { packFolder } from './pack-sdk.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ezone-pack-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

/** A package, its files written in some order and dated somehow. */
async function folder(name: string, order: readonly string[], seconds: number): Promise<string> {
  const made = join(home, name)
  await mkdir(join(made, 'dist', 'deep'), { recursive: true })
  for (const path of order) {
    await writeFile(join(made, path), path === 'package.json' ? '{ "files": ["dist"] }' : path)
    await utimes(join(made, path), seconds, seconds)
  }
  return made
}

it('the same files make the same tarball, whenever and in whatever order they were written', async () => {
  const paths = ['package.json', 'dist/a.js', 'dist/b.js', 'dist/deep/c.js', 'secret.txt']
  const packed = await Promise.all(
    [await folder('one', paths, 1_000), await folder('two', paths.toReversed(), 2_000_000_000)].map(
      async (made, index) => {
        await packFolder(made, join(home, `${index}.tgz`))
        return readFile(join(home, `${index}.tgz`))
      },
    ),
  )
  expect(packed[0]?.equals(packed[1] ?? Buffer.of())).toBe(true)
  const text = gunzipSync(packed[0] ?? Buffer.of()).toString('latin1')
  expect(text).toContain('package/dist/deep/c.js')
  expect(text).not.toContain('secret.txt')
})

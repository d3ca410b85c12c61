import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { place } from './place.ts'

let above: string
beforeEach(async () => {
  above = await mkdtemp(join(tmpdir(), 'ezone-place-'))
})
afterEach(() => rm(above, { recursive: true, force: true }))

const files = new Map<string, string | Buffer>([
  ['package.json', '{}'],
  ['src/main.ts', 'x()'],
  ['vendor/sdk.tgz', Buffer.from([0, 255])],
])
const signal = () => new AbortController().signal
const tree = async () => (await readdir(above, { recursive: true })).sort()

describe('the folder of a service', () => {
  it('is there with all its files', async () => {
    await place(join(above, 'demo'), files, signal())
    expect(await tree()).toEqual([
      ...['demo', 'demo/package.json', 'demo/src', 'demo/src/main.ts', 'demo/vendor', 'demo/vendor/sdk.tgz'],
    ])
    expect(await readFile(join(above, 'demo/vendor/sdk.tgz'))).toEqual(Buffer.from([0, 255]))
  })

  it('may be there, if it is empty', async () => {
    await mkdir(join(above, 'demo'))
    await place(join(above, 'demo'), files, signal())
    expect(await readdir(join(above, 'demo'))).toContain('package.json')
  })

  it('is left as it is where something is in it', async () => {
    await mkdir(join(above, 'demo'))
    await writeFile(join(above, 'demo', 'mine.txt'), 'mine')
    await expect(place(join(above, 'demo'), files, signal())).rejects.toMatchObject({ code: 'EZ_NAME_TAKEN' })
    expect(await tree()).toEqual(['demo', 'demo/mine.txt'])
  })

  it('is no file that has its name', async () => {
    await writeFile(join(above, 'demo'), 'mine')
    await expect(place(join(above, 'demo'), files, signal())).rejects.toMatchObject({ code: 'EZ_NAME_TAKEN' })
    expect(await tree()).toEqual(['demo'])
  })

  it('is not made in a folder that is not there', async () => {
    const error = { code: 'EZ_USAGE', message: expect.stringContaining(join(above, 'no')) }
    await expect(place(join(above, 'no', 'demo'), files, signal())).rejects.toMatchObject(error)
    expect(await tree()).toEqual([])
  })

  it.skipIf(process.getuid?.() === 0)('is not made in a folder of somebody else', async () => {
    await chmod(above, 0o500)
    await expect(place(join(above, 'demo'), files, signal())).rejects.toMatchObject({ code: 'EZ_USAGE' })
    await chmod(above, 0o700)
  })

  it('is not there, and nothing beside it, where writing broke off', async () => {
    const clash = new Map([...files, ['src/main.ts/under-a-file.ts', 'x()']])
    await expect(place(join(above, 'demo'), clash, signal())).rejects.toThrow()
    expect(await tree()).toEqual([])
  })

  it('is not there, and nothing beside it, where it was interrupted', async () => {
    await expect(place(join(above, 'demo'), files, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
    expect(await tree()).toEqual([])
  })

  it('belongs to one of two who make it at once', async () => {
    const both = await Promise.allSettled([1, 2].map(() => place(join(above, 'demo'), files, signal())))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await readdir(above)).toEqual(['demo'])
  })
})

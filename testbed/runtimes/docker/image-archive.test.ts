import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fingerprint } from './image-archive.ts'
import { missingGround } from './self-contained.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ezone-archive-'))
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'bin/server'), 'one')
  await symlink('server', join(folder, 'bin/alias'))
})
afterEach(() => rm(folder, { recursive: true }))

const print = (to = '/opt/x') => fingerprint([{ from: folder, to }])

describe('the fingerprint of an image', () => {
  it('is the same for the same files, whenever they were written', async () => {
    const before = await print()
    await utimes(join(folder, 'bin/server'), 1, 1)
    expect(await print()).toBe(before)
    expect(before).toMatch(/^[0-9a-f]{12}$/)
  })

  it.each([
    ['a file more', () => writeFile(join(folder, 'new'), '')],
    ['another size', () => writeFile(join(folder, 'bin/server'), 'three')],
    ['another mode', () => chmod(join(folder, 'bin/server'), 0o755)],
    ['another link', () => rm(join(folder, 'bin/alias')).then(() => symlink('other', join(folder, 'bin/alias')))],
    ['an empty folder', () => mkdir(join(folder, 'empty'))],
  ])('is another one with %s', async (_, change) => {
    const before = await print()
    await change()
    expect(await print()).not.toBe(before)
  })

  it('is another one at another place in the image', async () => {
    expect(await print('/opt/y')).not.toBe(await print('/opt/x'))
  })
})

describe('a server that shall run in an image of its own', () => {
  const home = { kind: 'redis', version: '8', source: 'path', licence: '', jars: [], loader: null } as const

  it('may bring its loader along, or be a set of jars', async () => {
    const programs = { server: 'bin/server' }
    expect(await missingGround({ ...home, root: folder, programs, loader: { path: 'ld', libraries: [] } })).toBe(null)
    expect(await missingGround({ ...home, root: folder, programs: {} })).toBe(null)
  })

  it('may not lean on libraries of this machine, and nothing but a program counts as one', async () => {
    const node = { server: process.execPath.slice(1) }
    expect(await missingGround({ ...home, root: '/', programs: node })).toContain('server of redis 8 (path)')
    expect(await missingGround({ ...home, root: folder, programs: { server: 'bin/server' } })).toContain('server')
  })
})

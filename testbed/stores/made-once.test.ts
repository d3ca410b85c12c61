import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { madeOnce } from './made-once.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ezone-once-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const soon = () => AbortSignal.timeout(10_000)

it('makes it once, however many ask at the same time', async () => {
  let made = 0
  const ask = () =>
    madeOnce(
      join(folder, 'deep', 'thing'),
      async (half) => {
        made++
        await sleep(30)
        await writeFile(half, 'whole')
      },
      soon(),
    )
  const paths = await Promise.all([ask(), ask(), ask(), ask()])
  expect(made).toBe(1)
  expect(await readFile(paths[0] ?? '', 'utf8')).toBe('whole')
})

it('shows nothing under its name before it is whole', async () => {
  const seen: string[][] = []
  await madeOnce(
    join(folder, 'thing'),
    async (half) => {
      await writeFile(half, 'ha')
      seen.push(await readdir(folder))
    },
    soon(),
  )
  expect(seen.flat()).not.toContain('thing')
  expect(await readdir(folder)).toEqual(['thing'])
})

it('leaves nothing when making it fails, and makes it the next time', async () => {
  const target = join(folder, 'thing')
  const fails = async (half: string) => {
    await writeFile(half, 'ha')
    throw new Error('no luck')
  }
  await expect(madeOnce(target, fails, soon())).rejects.toThrow('no luck')
  expect(await readdir(folder)).toEqual([])
  await madeOnce(target, (half) => writeFile(half, 'whole'), soon())
  expect(await readFile(target, 'utf8')).toBe('whole')
})

it('leaves nothing when it is called off meanwhile', async () => {
  const called = new AbortController()
  const made = madeOnce(
    join(folder, 'thing'),
    async (half) => {
      await writeFile(half, 'whole')
      called.abort(new Error('called off'))
    },
    called.signal,
  )
  await expect(made).rejects.toThrow('called off')
  expect(await readdir(folder)).toEqual([])
})

it('begins afresh over what a kill left half made', async () => {
  await writeFile(join(folder, 'thing.half'), 'ha')
  await writeFile(join(folder, 'thing.lock'), JSON.stringify({ pid: 1, startTicks: -1 }))
  await madeOnce(join(folder, 'thing'), (half) => writeFile(half, 'whole', { flag: 'wx' }), soon())
  expect(await readFile(join(folder, 'thing'), 'utf8')).toBe('whole')
})

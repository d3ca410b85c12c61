import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { idEpochMs, unpackId } from '../model/index.ts'
import { ReservedIds } from './reserved-ids.ts'

let stateDir: string
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'ezone-ids-'))
})
afterEach(() => rm(stateDir, { recursive: true, force: true }))

const second = 1000
const clock = { nowMs: () => idEpochMs + second * 1000, monotonicMs: () => 0 }
const open = () => ReservedIds.open({ zone: 2, writer: 5, clock, stateDir })
const file = () => join(stateDir, 'ids-2-5.json')
const secondsOf = (ids: readonly bigint[]) => ids.map((id) => unpackId(id).seconds)

describe('ids that survive restarts', () => {
  it('are reserved on disk before the first one is given', async () => {
    const ids = await open()
    const id = await ids.next(7)
    const { through } = JSON.parse(await readFile(file(), 'utf8'))
    expect(through).toBeGreaterThanOrEqual(unpackId(id).seconds)
  })

  it('begin above everything reserved when the last life ended without a word', async () => {
    const first = await (await open()).next(7)
    const { through } = JSON.parse(await readFile(file(), 'utf8'))
    const again = await (await open()).next(7)
    expect(secondsOf([first, again])).toEqual([second, through + 1])
  })

  it('go on in the next second after a clean end: nothing reserved is wasted', async () => {
    const ids = await open()
    await ids.next(7)
    await ids[Symbol.asyncDispose]()
    expect(secondsOf([await (await open()).next(7)])).toEqual([second + 1])
  })

  it('are refused when restart follows restart faster than the clock, and never given twice', async () => {
    const given: bigint[] = []
    const crash = async () => given.push(await (await open()).next(7))
    for (let i = 0; i < 6; i++) await crash()
    await expect(crash()).rejects.toMatchObject({ code: 'EZ_IDS_SPENT' })
    expect(new Set(given).size).toBe(6)
  })

  it('are all different when many are asked for at once, through several reservations', async () => {
    const ids = await open()
    const given = await Promise.all(Array.from({ length: 2000 }, () => ids.next(7)))
    expect(new Set(given).size).toBe(2000)
    expect(await readdir(stateDir)).toEqual(['ids-2-5.json'])
  })

  it('are not given at all where the reservation cannot be read', async () => {
    await writeFile(file(), '{"through":')
    await expect(open()).rejects.toThrow(SyntaxError)
    await writeFile(file(), '{"through":-1}')
    await expect(open()).rejects.toThrow('through')
  })

  it('of an unused writer leave no file behind', async () => {
    await (await open())[Symbol.asyncDispose]()
    expect(await readdir(stateDir)).toEqual([])
  })
})

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Fault, noProof } from './fault.ts'
import { FaultJournal } from './fault-journal.ts'
import { openFaults } from './open-faults.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ezone-journal-'))
  path = join(folder, 'leases.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = async () => (await FaultJournal.open(path)).journal
const fault = (id: string, state: Fault['state'] = 'asked'): Fault => ({
  id,
  kind: 'partition',
  target: 'bj-sh',
  direction: null,
  plan: { links: [{ link: 'bj-sh', direction: null, how: { type: 'drop' } }], specs: [] },
  state,
  askedAtMs: Number(id.slice(1)),
  leaseUntilMs: 60_000,
  endedAtMs: null,
  why: null,
  effect: noProof,
  removal: noProof,
  baseline: [],
  skewMs: 0,
})

describe('the journal of faults', () => {
  it('is empty where there is none yet', async () => {
    const journal = await open()
    expect(journal.faults).toEqual([])
    expect(journal.nextId()).toBe('f1')
  })

  it('tells without an agent what is broken now and until when; nothing where it cannot be read', async () => {
    expect(await openFaults(path, 50_000)).toEqual([])
    const journal = await open()
    await journal.put(fault('f1'))
    await journal.put(fault('f2', 'ended'))
    expect(await openFaults(path, 50_000)).toEqual([{ id: 'f1', kind: 'partition', target: 'bj-sh', endsInMs: 10_000 }])
    await writeFile(path, '{')
    expect(await openFaults(path, 50_000)).toEqual([])
  })

  it('tells whoever opens it later what was put into it', async () => {
    await (await open()).put(fault('f1'))
    expect((await open()).faults).toEqual([fault('f1')])
  })

  it('never gives an id twice, though the fault that had it is long forgotten', async () => {
    const journal = await open()
    for (let number = 1; number <= 60; number++) await journal.put(fault(`f${number}`, 'ended'))
    const later = await open()
    expect(later.nextId()).toBe('f61')
    expect(later.faults).toHaveLength(50)
    expect(later.faults[0]?.id).toBe('f11')
  })

  it('forgets no fault that is not over', async () => {
    const journal = await open()
    await journal.put(fault('f1', 'active'))
    for (let number = 2; number <= 60; number++) await journal.put(fault(`f${number}`, 'ended'))
    expect(journal.open.map(({ id }) => id)).toEqual(['f1'])
  })

  it('lets a fault move forward only', async () => {
    const journal = await open()
    await journal.put(fault('f1', 'ending'))
    expect(await journal.patch('f1', { state: 'active', skewMs: 3 })).toMatchObject({ state: 'ending', skewMs: 3 })
    await journal.patch('f1', { state: 'ended' })
    expect(await journal.patch('f1', { state: 'ending' })).toMatchObject({ state: 'ended' })
  })

  it('keeps every change when several are made at once', async () => {
    const journal = await open()
    await Promise.all(['f1', 'f2', 'f3'].map((id) => journal.put(fault(id))))
    expect((await open()).faults.map(({ id }) => id)).toEqual(['f1', 'f2', 'f3'])
  })

  it.each(['', '{"format":2,"lastId":3,"faults":[', '{"format":1,"lastId":0,"faults":[]}', '[]'])(
    'that reads %j is put aside, not lost, and said to be unreadable',
    async (text) => {
      await writeFile(path, text)
      const { journal, damage } = await FaultJournal.open(path)
      expect(journal.faults).toEqual([])
      expect(damage).toContain(path)
      expect(await readFile(`${path}.unreadable`, 'utf8')).toBe(text)
    },
  )

  it('that cannot be written is an error before anything is done', async () => {
    const journal = await open()
    await rm(folder, { recursive: true })
    await expect(journal.put(fault('f1'))).rejects.toMatchObject({ code: 'EZ_STATE_UNREADABLE' })
  })
})

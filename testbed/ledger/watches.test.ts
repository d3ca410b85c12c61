import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HistoryEntry, RoutingTable, Subscriber, SubscribersAnswer } from '@ezone/sdk/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paths } from '../session/testbed.ts'
import type { Entry } from './history.ts'
import { RunClock } from './run-clock.ts'
import { FaultWatch } from './watch-faults.ts'
import { TableWatch } from './watch-table.ts'

const wallMs = Date.UTC(2026, 10, 21)

/** A clock that stands until it is told. */
function standing() {
  const now = { ms: 5_000 }
  const clock = new RunClock({ nowMs: () => wallMs + now.ms - 5_000, monotonicMs: () => now.ms })
  return { clock, passes: (ms: number) => (now.ms += ms) }
}

const signal = new AbortController().signal
const owner = (zone: string, epoch: number, state: 'ACTIVE' | 'FROZEN' = 'ACTIVE') => ({ zone, state, epoch })
const table: RoutingTable = {
  version: 3,
  shards: [31, 32].map((shard) => ({ shard, name: `s${shard}`, ...owner('sh', 1) })),
  cells: [],
}
const change = (version: number, afterMs: number, shard: number, after: HistoryEntry['changes'][number]['after']) => ({
  ...{ version, who: 'w', why: 'y', atMs: wallMs + afterMs, changes: [{ shard, before: owner('sh', 1), after }] },
})

describe('the clock of a run', () => {
  it('takes what others have stamped for true between what was known before and now', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9e6, max: 9e6 }), fc.nat(9_000), fc.nat(9_000), (stamped, before, later) => {
        const { clock, passes } = standing()
        passes(before + later)
        const seen = clock.seen(wallMs + stamped, before)
        expect(seen).toBe(Math.min(Math.max(stamped, before), before + later))
      }),
    )
  })
})

describe('a watch of the table', () => {
  function watched() {
    const { clock, passes } = standing()
    const gzs = { entries: [] as HistoryEntry[], subscribers: [] as Subscriber[], away: false }
    const notes: Entry[] = []
    const moved: string[] = []
    const watch = new TableWatch({
      gzs: {
        history: async () => (gzs.away ? Promise.reject(new Error('away')) : gzs.entries.toReversed()),
        subscribers: async (): Promise<SubscribersAnswer> => ({ version: 3, subscribers: gzs.subscribers, silent: [] }),
      },
      ...{ table, clock, note: (entry: Entry) => notes.push(entry) },
      onMoved: (zone, shards) => moved.push(`${shards.join()} to ${zone}`),
    })
    const noted = (type: Entry['type']) => notes.filter((entry) => entry.type === type)
    return { watch, gzs, passes, moved, noted }
  }

  it('begins with what the table said, and tells every change once, in order and with its time', async () => {
    const { watch, gzs, passes, moved, noted } = watched()
    expect(noted('owner')).toMatchObject([
      { shard: 31, zone: 'sh' },
      { shard: 32, zone: 'sh' },
    ])
    gzs.entries.push(change(3, -9_000, 31, owner('bj', 3)))
    gzs.entries.push(change(4, 700, 31, owner('sh', 4, 'FROZEN')), change(5, 900, 31, owner('bj', 5)))
    passes(1_000)
    await watch.last(signal)
    await watch.last(signal)
    expect(noted('owner').slice(2)).toEqual([
      { type: 'owner', atMs: 700, shard: 31, zone: 'sh', state: 'FROZEN', epoch: 4 },
      { type: 'owner', atMs: 900, shard: 31, zone: 'bj', state: 'ACTIVE', epoch: 5 },
    ])
    expect(moved).toEqual(['31 to bj'])
  })

  it('tells later what it could not see while nobody answered', async () => {
    const { watch, gzs, passes, noted } = watched()
    gzs.away = true
    gzs.entries.push(change(4, 500, 32, owner('bj', 4)))
    passes(20_000)
    await watch.last(signal)
    expect(noted('owner')).toHaveLength(2)
    gzs.away = false
    await watch.last(signal)
    expect(noted('owner').slice(2)).toMatchObject([{ atMs: 500, shard: 32, zone: 'bj' }])
  })

  it('does not believe a clock that is wrong: a change cannot be older than the look before it', async () => {
    const { watch, gzs, passes, noted } = watched()
    passes(1_000)
    await watch.last(signal)
    passes(250)
    gzs.entries.push(change(4, -60_000, 31, owner('bj', 4)), change(5, 60_000, 32, owner('bj', 5)))
    await watch.last(signal)
    expect(noted('owner').slice(2)).toMatchObject([{ atMs: 1_000 }, { atMs: 1_250 }])
  })

  it('tells each version that a subscriber says it acts under, once', async () => {
    const { watch, gzs, passes, noted } = watched()
    const subscriber = { name: 'edge/router', kind: 'router', place: 'edge', connected: true, gzs: 'edge' }
    passes(1_000)
    gzs.subscribers = [{ ...subscriber, version: 3, ackedAtMs: wallMs + 400 }]
    await watch.last(signal)
    await watch.last(signal)
    passes(1_000)
    gzs.subscribers = [{ ...subscriber, version: 4, ackedAtMs: wallMs + 1_900 }]
    await watch.last(signal)
    const ack = { type: 'acked', subscriber: 'edge/router', place: 'edge' }
    expect(noted('acked')).toEqual([
      { ...ack, atMs: 400, version: 3 },
      { ...ack, atMs: 1_900, version: 4 },
    ])
  })
})

describe('a watch of faults', () => {
  const none = { proven: false, samples: 0, by: 'none', against: [] }
  const shown = { proven: true, samples: 9, by: 'paths', against: [] }
  const fault = {
    id: 'f1',
    kind: 'partition',
    target: 'bj-sh',
    askedAtMs: wallMs + 100,
    skewMs: 40,
    endedAtMs: null,
    plan: { links: [{}], specs: [] },
  }

  it('tells each phase once: in force when all was changed, whether it was proven as soon as that is known', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'faults-'))
    const { clock, passes } = standing()
    const notes: Entry[] = []
    const watch = new FaultWatch({ folder: folder.path, clock, note: (entry) => notes.push(entry) })
    const stands = async (...faults: object[]) => {
      passes(5_000)
      await writeFile(paths.leases(folder.path), JSON.stringify({ format: 2, lastId: 1, faults }))
      await watch.look()
      await watch.look()
    }
    const before = { ...fault, id: 'f0', state: 'ended', endedAtMs: wallMs - 10, effect: shown, removal: shown }
    await stands(before, { ...fault, state: 'asked', effect: none, removal: none })
    expect(notes).toMatchObject([{ id: 'f1', phase: 'asked', atMs: 100, proven: null }])
    await stands(before, { ...fault, state: 'active', effect: none, removal: none })
    expect(notes).toHaveLength(1)
    await stands(before, { ...fault, state: 'active', effect: shown, removal: none })
    expect(notes[1]).toMatchObject({ phase: 'in-force', atMs: 140, proven: true, kind: 'partition', target: 'bj-sh' })
    await stands({ ...fault, state: 'ended', endedAtMs: wallMs + 19_000, effect: shown, removal: shown })
    expect(notes.slice(2)).toMatchObject([{ phase: 'ended', atMs: 19_000, proven: true }])
  })

  it('ends a fault of a link when it was joined, one of servers when they answer again', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'faults-'))
    const { clock, passes } = standing()
    const notes: Entry[] = []
    const watch = new FaultWatch({ folder: folder.path, clock, note: (entry) => notes.push(entry) })
    const killed = { ...fault, id: 'f2', kind: 'power-loss', target: 'sh', plan: { links: [], specs: [{}] } }
    const stands = async (state: object) => {
      passes(1_000)
      const faults = [fault, killed].map((one) => ({ ...one, effect: shown, removal: none, ...state }))
      await writeFile(paths.leases(folder.path), JSON.stringify({ format: 2, lastId: 2, faults }))
      await watch.look()
    }
    await stands({ state: 'active' })
    await stands({ state: 'ending' })
    await stands({ state: 'ending' })
    await stands({ state: 'ended', endedAtMs: wallMs + 3_900, removal: shown })
    const ended = notes.filter((note) => note.type === 'fault' && note.phase === 'ended')
    expect(ended).toMatchObject([
      { id: 'f1', atMs: 2_000, proven: true },
      { id: 'f2', atMs: 3_900, proven: true },
    ])
  })
})

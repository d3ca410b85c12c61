import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ShardState } from '../model/index.ts'
import { ToldTable } from '../testing/told-table.ts'
import { type ZoneChange, type ZoneChangeHook, ZoneChanges } from './zone-changes.ts'

const quiet = () => new Promise((resolve) => setTimeout(resolve, 5))

const shards = { 1: 'bj', 2: 'sh' }

let table: ToldTable
let changes: ZoneChanges
let end: AbortController
let heard: string[]
let counted: string[]
let warned: object[]

beforeEach(() => {
  ;[table, end, heard, counted, warned] = [new ToldTable(shards), new AbortController(), [], [], []]
  changes = new ZoneChanges({
    ...{ table, zone: 'bj', signal: end.signal, limitMs: 30 },
    log: { warn: (what) => void warned.push(what) },
    told: { add: (labels) => void counted.push(`${labels?.hook} ${labels?.outcome}`) },
  })
})
afterEach(() => end.abort())

const hear =
  (name: string): ZoneChangeHook =>
  ({ shard, owned, epoch }) =>
    void heard.push(`${name} ${owned ? 'has' : 'lost'} ${shard} under ${epoch}`)

describe('who wants to know which shards the zone has', () => {
  it('is told at once of those it has, and of no others', async () => {
    changes.onZoneChange('cache', hear('cache'))
    await quiet()
    expect(heard).toEqual(['cache has 1 under 1'])
  })

  it('is told of a gain in the order of registration and of a loss in the reverse', async () => {
    for (const name of ['a', 'b', 'c']) changes.onZoneChange(name, hear(name))
    await quiet()
    heard.length = 0
    table.set(2, 'bj')
    await quiet()
    table.set(2, 'bj', 'FROZEN')
    await quiet()
    expect(heard).toEqual([
      ...['a has 2 under 2', 'b has 2 under 2', 'c has 2 under 2'],
      ...['c lost 2 under 3', 'b lost 2 under 3', 'a lost 2 under 3'],
    ])
  })

  it('hears from where it comes and where it goes', async () => {
    const all: ZoneChange[] = []
    changes.onZoneChange('a', (change) => void all.push(change))
    await quiet()
    table.set(1, 'bj', 'FROZEN')
    await quiet()
    table.set(1, 'sh')
    table.set(1, 'bj')
    await quiet()
    expect(all).toEqual([
      { shard: 1, from: null, to: 'bj', epoch: 1, owned: true },
      { shard: 1, from: 'bj', to: 'sh', epoch: 2, owned: false },
      { shard: 1, from: 'sh', to: 'bj', epoch: 4, owned: true },
    ])
  })

  it('loses a shard and has it again where the epoch is another one: somebody may have written it meanwhile', async () => {
    changes.onZoneChange('a', hear('a'))
    await quiet()
    table.set(1, 'sh')
    table.set(1, 'bj')
    await quiet()
    expect(heard).toEqual(['a has 1 under 1', 'a lost 1 under 3', 'a has 1 under 3'])
  })

  it('comes later and is told of what the others know', async () => {
    changes.onZoneChange('a', hear('a'))
    await quiet()
    changes.onZoneChange('b', hear('b'))
    await quiet()
    expect(heard).toEqual(['a has 1 under 1', 'b has 1 under 1'])
  })

  it('is told nothing any more once it has gone, or the service ends', async () => {
    const gone = changes.onZoneChange('a', hear('a'))
    changes.onZoneChange('b', hear('b'))
    await quiet()
    gone[Symbol.dispose]()
    gone[Symbol.dispose]()
    table.set(1, 'sh')
    await quiet()
    end.abort()
    table.set(2, 'bj')
    await quiet()
    expect(heard).toEqual(['a has 1 under 1', 'b has 1 under 1', 'b lost 1 under 2'])
  })
})

describe('a hook that does not do its part', () => {
  it('is logged and counted where it fails, and the next one is told all the same', async () => {
    changes.onZoneChange('bad', () => {
      throw new Error('no')
    })
    changes.onZoneChange('good', hear('good'))
    await quiet()
    expect(heard).toEqual(['good has 1 under 1'])
    expect(counted).toEqual(['bad failed', 'good done'])
    expect(warned).toMatchObject([{ hook: 'bad', shard: 1, outcome: 'failed', err: { message: 'no' } }])
  })

  it('is given up when its time is over, and is told so', async () => {
    const signals: AbortSignal[] = []
    changes.onZoneChange('slow', (_, signal) => {
      signals.push(signal)
      return new Promise(() => {})
    })
    changes.onZoneChange('good', hear('good'))
    await expect.poll(() => heard, { timeout: 5_000, interval: 5 }).toEqual(['good has 1 under 1'])
    expect(counted).toEqual(['slow late', 'good done'])
    expect(signals[0]?.aborted).toBe(true)
  })

  it('does not keep other shards waiting', async () => {
    changes.onZoneChange('slow', ({ shard }) => (shard === 1 ? new Promise(() => {}) : undefined))
    changes.onZoneChange('good', hear('good'))
    table.set(2, 'bj')
    await quiet()
    expect(heard).toEqual(['good has 2 under 2'])
  })
})

describe('whatever the table does while hooks take their time', () => {
  const step = fc.record({
    zone: fc.constantFrom('bj', 'sh'),
    state: fc.constantFrom<ShardState>('ACTIVE', 'ACTIVE', 'FROZEN'),
    pause: fc.boolean(),
  })

  it('each hook has a shard or has it not, in turn, and at the end as the table says; one at a time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const own = new ToldTable(shards)
        using told = new ZoneChanges({ table: own, zone: 'bj', signal: end.signal, log: { warn: () => {} } })
        const has = new Map<string, number | null>()
        let atOnce = 0
        for (const name of ['a', 'b'])
          told.onZoneChange(name, async ({ shard, owned, epoch }) => {
            if (shard !== 1) return
            expect(++atOnce).toBe(1)
            expect(has.get(name) ?? null).toEqual(owned ? null : expect.any(Number))
            // What is built on something else is never there without it.
            if (name === 'b' && owned) expect(has.get('a')).toBeTypeOf('number')
            if (name === 'a' && !owned) expect(has.get('b') ?? null).toBeNull()
            has.set(name, owned ? epoch : null)
            await Promise.resolve()
            atOnce--
          })
        let wanted: number | null = 1
        for (const { zone, state, pause } of steps) {
          const version = own.set(1, zone, state)
          wanted = zone === 'bj' && state === 'ACTIVE' ? version : null
          if (pause) await new Promise(setImmediate)
        }
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
        expect([has.get('a') ?? null, has.get('b') ?? null]).toEqual([wanted, wanted])
      }),
    )
  })
})

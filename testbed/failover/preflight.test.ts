import { describe, expect, it } from 'vitest'
import type { Lane } from '../drc/lanes.ts'
import { type Findings, redOf, requireGreen } from './preflight.ts'
import { awayFromHome, targetOf } from './zones.ts'

const lane = (changes: Partial<Lane>): Lane => ({
  role: 'applier',
  source: 'sh',
  zone: 'bj',
  state: 'running',
  holder: 'bj-1',
  standbys: [],
  position: null,
  head: null,
  behind: 0,
  newestAtMs: null,
  ageMs: 0,
  lagMs: null,
  transactions: 0,
  rows: 0,
  conflicts: 0,
  stopped: null,
  ...changes,
})
const findings = (changes: Partial<Findings>): Findings => ({
  from: 'sh',
  to: 'bj',
  lanes: [lane({})],
  faults: [],
  locked: [],
  differing: null,
  ...changes,
})

describe('what a planned switch rests on', () => {
  it('is green where nothing is wrong, and what other zones do is no matter', () => {
    expect(redOf(findings({ lanes: [lane({}), lane({ source: 'gz', state: 'stopped' })], differing: [] }))).toEqual([])
    expect(() => requireGreen([], 'the switch')).not.toThrow()
  })

  it.each([
    [{ faults: ['partition of bj-sh (f1)'] }, 'a fault is in force: partition of bj-sh (f1)'],
    [{ lanes: [lane({ state: 'stopped' })] }, 'the replication from sh to bj is stopped'],
    [{ lanes: [lane({ source: 'bj', zone: 'sh', state: 'unknown' })] }, 'the replication from bj to sh is unknown'],
    [{ lanes: [lane({ role: 'relay', zone: 'sh', state: 'vacant' })] }, 'the log of sh is vacant'],
    [{ lanes: [lane({ ageMs: 9_000, behind: 40 })] }, 'the replication from sh to bj is 9 s behind (40 changes)'],
    [{ locked: null }, 'the database of sh does not answer'],
    [{ locked: [{ orderId: '7', shard: 31, state: 'paid' }] }, '1 of the orders are locked: 7'],
    [{ differing: ['delivery.orders'] }, 'delivery.orders is not the same in sh and bj'],
  ] as const)('is red with %j, and says so', (changes, red) => {
    expect(redOf(findings(changes))).toEqual([red])
    expect(() => requireGreen([red], 'the switch')).toThrow(expect.objectContaining({ code: 'EZ_SWITCH_REFUSED' }))
  })

  it('minds no lag that a freeze need not wait for', () => {
    expect(redOf(findings({ lanes: [lane({ ageMs: 1_500, behind: 40 })] }))).toEqual([])
  })
})

describe('where the shards of a zone go', () => {
  const zones = (...names: string[]) => ({ zones: names.map((name, i) => ({ name, number: i + 1 })) }) as never

  it('is the other one of two; of three it must be said', () => {
    expect(targetOf(zones('bj', 'sh'), 'sh', undefined)).toBe('bj')
    expect(targetOf(zones('bj', 'sh', 'gz'), 'sh', 'gz')).toBe('gz')
    expect(() => targetOf(zones('bj', 'sh', 'gz'), 'sh', undefined)).toThrow(/bj, gz/)
    expect(() => targetOf(zones('bj', 'sh'), 'sh', 'sh')).toThrow(expect.objectContaining({ code: 'EZ_USAGE' }))
    for (const [from, to] of [
      ['xx', 'sh'],
      ['sh', 'xx'],
    ])
      expect(() => targetOf(zones('bj', 'sh'), from ?? '', to)).toThrow(/there is no zone xx/)
  })

  it('is home for those that are its own by the topology, whoever has them', () => {
    const shard = (number: number, zone: string) => ({
      shard: number,
      zone,
      name: '',
      state: 'ACTIVE' as const,
      epoch: 1,
    })
    const table = { version: 1, cells: [], shards: [shard(31, 'bj'), shard(32, 'sh'), shard(11, 'bj')] }
    expect(awayFromHome({ shards: { 31: 'sh', 32: 'sh', 11: 'bj' } }, table, 'sh')).toEqual([{ shard: 31, zone: 'bj' }])
  })
})

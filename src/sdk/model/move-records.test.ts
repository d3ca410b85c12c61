import { describe, expect, it } from 'vitest'
import type { ShardMove } from './contracts/truth.ts'
import { stepRecords } from './move-records.ts'
import type { RoutingTable } from './table.ts'

const table: RoutingTable = {
  version: 7,
  shards: [{ shard: 31, name: 'Shanghai', zone: 'sh', state: 'ACTIVE', epoch: 3 }],
  cells: [[1, 31]],
}
const move: ShardMove = {
  ...{
    id: 'm',
    shard: 31,
    from: 'sh',
    to: 'bj',
    mode: 'planned',
    who: 'ann@laptop',
    why: 'sh is full',
    step: 'freeze',
  },
  ...{ steps: [{ step: 'freeze', atMs: 5 }], barrier: null, expiresAtMs: 9, controller: 'edge-1' },
  ...{ outcome: null, endedAtMs: null, reason: null },
}
const details = { move: { id: 'm', to: 'bj', expiresAtMs: 9 } }

describe('a step of a move', () => {
  it('makes the next table and an entry of that version: who, why, when, and the shard before and after', () => {
    const { table: after, entry } = stepRecords(table, move, 'freeze', details)
    expect(after).toMatchObject({ version: 8, shards: [{ state: 'FROZEN', zone: 'sh', epoch: 8 }] })
    expect(entry).toEqual({
      version: 8,
      who: 'ann@laptop',
      why: 'freeze: sh is full',
      atMs: 5,
      changes: [
        {
          shard: 31,
          before: { zone: 'sh', state: 'ACTIVE', epoch: 3 },
          after: { zone: 'sh', state: 'FROZEN', epoch: 8 },
        },
      ],
    })
  })

  it('tells the reason of its end, where there is one', () => {
    const frozen = stepRecords(table, move, 'freeze', details).table
    const back = { ...move, step: 'roll-back', reason: 'bj did not answer' }
    expect(stepRecords(frozen, back, 'roll-back').entry.why).toBe('roll-back: bj did not answer')
  })

  it('that is not legal makes nothing', () => {
    expect(() => stepRecords(table, move, 'drain')).toThrow(expect.objectContaining({ code: 'EZ_ILLEGAL_STATE' }))
  })
})

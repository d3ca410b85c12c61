import { applyStep, type FenceRow, type RoutingTable } from '@ezone/sdk'
import { describe, expect, it } from 'vitest'
import { acksOf, draining, rowOf, toWrite, unsettled } from './wanted.ts'

const first: RoutingTable = {
  version: 1,
  shards: [
    { shard: 31, name: 'Shanghai', zone: 'sh', state: 'ACTIVE', epoch: 1 },
    { shard: 11, name: 'Beijing', zone: 'bj', state: 'ACTIVE', epoch: 1 },
  ],
  cells: [[1, 31]],
}
const barrier = { uuid: 'u', gno: 7 }
const frozen = applyStep(first, 31, 'freeze', { move: { id: 'm', to: 'bj', expiresAtMs: 9 } })
const drains = applyStep(frozen, 31, 'drain', { barrier })
const seized = applyStep(first, 31, 'seize', { move: { id: 'm', to: 'bj', expiresAtMs: 9 } })
const taken = applyStep(seized, 31, 'serve')
const sh = { zone: 'sh', leaseUntilMs: null }
const rowsOf = (table: RoutingTable): ReadonlyMap<number, FenceRow> =>
  new Map(table.shards.map((entry) => [entry.shard, rowOf(entry, sh)]))

describe('the fence rows of a zone', () => {
  it('are written where they are older than the table, from the epoch they have', () => {
    expect(toWrite(frozen, rowsOf(first), new Map(), sh)).toEqual([
      {
        row: { shard: 31, zone: 'sh', epoch: 2, state: 'FROZEN', takenEpoch: 0, leaseUntilMs: null },
        fromEpoch: 1,
      },
    ])
  })

  it('are left alone where they agree, or are newer', () => {
    const barriers = new Map([[31, { ...barrier, epoch: 2 }]])
    expect(toWrite(frozen, rowsOf(frozen), barriers, sh)).toEqual([])
    expect(toWrite(drains, rowsOf(frozen), barriers, sh)).toEqual([])
    expect(toWrite(first, rowsOf(frozen), new Map(), sh)).toEqual([])
  })

  it('of a frozen shard are asked again for their barrier after the keeper was killed, in the source alone', () => {
    const written = (zone: string) => toWrite(frozen, rowsOf(frozen), new Map(), { zone, leaseUntilMs: null })
    expect(written('sh')).toMatchObject([{ row: { shard: 31, epoch: 2 }, fromEpoch: 2 }])
    expect(written('bj')).toEqual([])
  })

  it('of a frozen shard are asked again for their barrier where the one known is of an older epoch: writes came after it', () => {
    const older = new Map([[31, { ...barrier, epoch: 1 }]])
    expect(toWrite(frozen, rowsOf(frozen), older, sh)).toMatchObject([{ row: { shard: 31, epoch: 2 }, fromEpoch: 2 }])
  })

  it('of a shard that was taken are asked for a barrier in every zone but the new owner', () => {
    const written = (zone: string) => toWrite(taken, rowsOf(taken), new Map(), { zone, leaseUntilMs: null })
    expect(written('sh')).toMatchObject([{ row: { shard: 31, zone: 'bj', epoch: 3, takenEpoch: 3 } }])
    expect(written('bj')).toEqual([])
  })

  it('say when the lease ends', () => {
    expect(rowOf(first.shards[0] ?? expect.fail(), { zone: 'sh', leaseUntilMs: 5 }).leaseUntilMs).toBe(5)
  })
})

describe('a shard that drains', () => {
  it('is waited for by its target alone, up to the barrier', () => {
    expect(draining(drains, 'bj')).toEqual([{ shard: 31, epoch: 2, source: 'sh', barrier }])
    expect(draining(drains, 'sh')).toEqual([])
    expect(draining(frozen, 'bj')).toEqual([])
  })
})

describe('what a zone acknowledges', () => {
  const barriers = new Map([
    [31, { ...barrier, epoch: 2 }],
    [11, { uuid: 'u', gno: 3, epoch: 1 }],
  ])
  const made = { table: drains, rows: rowsOf(drains), barriers, drained: new Map([[31, 2]]), settled: new Map() }

  it('is every row, and barriers and drains of moves that run', () => {
    expect(acksOf(made)).toEqual({
      version: 3,
      shards: { 31: { epoch: 2, state: 'DRAINING' }, 11: { epoch: 1, state: 'ACTIVE' } },
      barrier: { 31: barrier },
      drained: { 31: 2 },
      settled: {},
    })
  })

  it('is no barrier of an epoch that its row has left', () => {
    const older = new Map([[31, { ...barrier, epoch: 1 }]])
    expect(acksOf({ ...made, barriers: older }).barrier).toEqual({})
  })

  it('is how far it wrote a shard that was taken from it, and what of its own takeovers is settled', () => {
    const stopped = new Map([[31, { ...barrier, epoch: 3 }]])
    const acks = acksOf({ ...made, table: taken, rows: rowsOf(taken), barriers: stopped, settled: new Map([[31, 3]]) })
    expect(acks).toMatchObject({ barrier: { 31: barrier }, settled: { 31: 3 } })
  })
})

describe('a shard that was taken', () => {
  it('is unsettled for its new owner until it is settled under this very takeover', () => {
    expect(unsettled(taken, 'bj', new Map())).toEqual([{ shard: 31, takenEpoch: 3 }])
    expect(unsettled(taken, 'bj', new Map([[31, 2]]))).toHaveLength(1)
    expect(unsettled(taken, 'bj', new Map([[31, 3]]))).toEqual([])
    expect(unsettled(taken, 'sh', new Map())).toEqual([])
  })
})

import { globalZoneSchema, type RoutingTable, type ZoneSwitch } from '@ezone/sdk'
import { describe, expect, it } from 'vitest'
import { escortOf } from './global-escort.ts'

const table: RoutingTable = {
  version: 1,
  shards: [
    { shard: 11, name: 'Beijing', zone: 'bj', state: 'ACTIVE', epoch: 1 },
    { shard: 12, name: 'Tianjin', zone: 'bj', state: 'ACTIVE', epoch: 1 },
    { shard: 31, name: 'Shanghai', zone: 'sh', state: 'ACTIVE', epoch: 1 },
  ],
  cells: [[1, 31]],
}
const part = (shard: number) => ({
  shard,
  attempt: 1,
  outcome: null,
  reason: null,
  epoch: null,
  steps: [],
  suspects: null,
})
const leaving: ZoneSwitch = {
  id: 'switch-7',
  from: 'bj',
  to: 'sh',
  mode: 'hard',
  canary: false,
  who: 'ann',
  why: 'bj is gone',
  startedAtMs: 1,
  expiresAtMs: 9,
  controller: 'edge-1',
  parts: [part(11), part(12)],
  suspects: [],
  suspectsComplete: null,
  outcome: null,
  endedAtMs: null,
  reason: null,
}
const zone = globalZoneSchema.parse({ master: 'bj', epoch: 1 })
const move = (id: string, outcome: 'moved' | null) => ({
  ...{ id, from: 'bj', to: 'sh', mode: 'hard' as const, who: 'ann', why: '', covered: true, steps: [], barrier: null },
  ...{ expiresAtMs: 9, controller: 'edge-1', outcome, endedAtMs: null, reason: null },
})

describe('the global master', () => {
  it('goes along when its zone is left with all its shards, in the way they go', () => {
    const request = { to: 'sh', mode: 'hard', who: 'ann', why: 'switch-7: bj is gone', acceptLoss: false }
    expect(escortOf(leaving, table, zone)).toEqual({ id: 'switch-7.global', request })
  })

  it('stays where only some of them go, or where it sits elsewhere', () => {
    expect(escortOf({ ...leaving, parts: [part(11)] }, table, zone)).toBeUndefined()
    expect(escortOf(leaving, table, { ...zone, master: 'sh' })).toBeUndefined()
  })

  it('goes once for a switch, whoever drives it, and not while it is on its way or the switch is over', () => {
    expect(escortOf(leaving, table, { ...zone, move: move('switch-7.global', 'moved') })).toBeUndefined()
    expect(escortOf(leaving, table, { ...zone, move: move('another', null) })).toBeUndefined()
    expect(escortOf(leaving, table, { ...zone, move: move('another', 'moved') })).toMatchObject({
      id: 'switch-7.global',
    })
    expect(escortOf({ ...leaving, outcome: 'switched' }, table, zone)).toBeUndefined()
  })
})

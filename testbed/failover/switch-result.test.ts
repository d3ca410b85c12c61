import type { SwitchPart, ZoneSwitch } from '@ezone/sdk/model'
import { describe, expect, it } from 'vitest'
import { resultOf, stepsOf } from './switch-result.ts'
import { requireSwitched } from './words.ts'

const part = (shard: number, times: readonly number[], changes: Partial<SwitchPart> = {}): SwitchPart => ({
  shard,
  attempt: 1,
  outcome: 'moved',
  reason: null,
  epoch: 9,
  steps: ['freeze', 'drain', 'commit', 'moved'].flatMap((step, i) => {
    const atMs = times[i]
    return atMs === undefined ? [] : [{ step, atMs }]
  }),
  suspects: null,
  ...changes,
})
const record = (parts: readonly SwitchPart[], changes: Partial<ZoneSwitch> = {}): ZoneSwitch => ({
  id: 'switch-1',
  from: 'sh',
  to: 'bj',
  mode: 'planned',
  canary: false,
  who: 'ann',
  why: 'a test',
  startedAtMs: 100,
  expiresAtMs: 9_999,
  controller: 'edge-1',
  parts: [...parts],
  suspects: [],
  suspectsComplete: null,
  outcome: 'switched',
  endedAtMs: 900,
  reason: null,
  ...changes,
})

describe('what came of a switch', () => {
  it('is the longest time a shard had no owner, and when the last one was served', () => {
    const result = resultOf(record([part(31, [110, 150, 300, 320]), part(32, [400, 420, 450, 800])]), false)
    expect([result.writeGapMs, result.rtoMs, result.rpoOrders]).toEqual([190, 700, []])
    expect(result.perShard.map(({ gapMs }) => gapMs)).toEqual([190, 50])
  })

  it('counts the gap of the last try, and none of a shard that stays', () => {
    const twice = part(31, [500, 510, 520, 530])
    const retried = {
      ...twice,
      steps: [{ step: 'freeze', atMs: 100 }, { step: 'roll-back', atMs: 400 }, ...twice.steps],
    }
    const stays = part(32, [], { outcome: 'stayed', epoch: null, reason: 'not begun' })
    const result = resultOf(record([retried, stays], { outcome: 'stopped', reason: 'shard 32' }), false)
    expect(result.perShard.map(({ gapMs }) => gapMs)).toEqual([20, null])
    expect(() => requireSwitched(result)).toThrow(expect.objectContaining({ code: 'EZ_SWITCH_STOPPED' }))
    expect(() => requireSwitched(result)).toThrow(/shards 32 stay/)
  })

  it('names an order once, however many of its writes are suspect', () => {
    const suspects = [
      { orderId: '7', version: '1' },
      { orderId: '7', version: '2' },
    ]
    const result = resultOf(record([part(31, [1])], { mode: 'hard', suspects, suspectsComplete: true }), true)
    expect(result).toMatchObject({ rpoOrders: ['7'], suspectsComplete: true, joined: true })
  })

  it('is told in the order of time, steps of several shards together', () => {
    const steps = stepsOf(record([part(31, [110, 150]), part(32, [120, 160])]))
    expect(steps.map(({ name, atMs, shards }) => [name, atMs, shards])).toEqual([
      ['begin', 100, [31, 32]],
      ['freeze', 110, [31, 32]],
      ['drain', 150, [31, 32]],
      ['end', 900, [31, 32]],
    ])
  })
})

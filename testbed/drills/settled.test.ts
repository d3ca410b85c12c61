import { describe, expect, it } from 'vitest'
import type { Lane } from '../drc/lanes.ts'
import { lanesBehind } from './settled.ts'

const lane = (more: Partial<Lane>): Lane =>
  ({ role: 'applier', source: 'bj', zone: 'sh', state: 'running', behind: 0, ageMs: 0, ...more }) as Lane

describe('a lane that a drill waits for', () => {
  it.each([
    [{ state: 'stopped' }, 'the replication from bj to sh is stopped'],
    [{ state: 'vacant', role: 'relay', zone: 'bj' }, 'the log of bj is vacant'],
    [{ behind: null }, 'nobody knows how far the replication from bj to sh is'],
    [{ behind: 70, ageMs: 9_400 }, 'the replication from bj to sh is 9 s behind'],
  ] as const)('%j', (more, said) => {
    expect(lanesBehind([lane({}), lane(more)])).toEqual([said])
  })

  it('is not one that has what is on its way under load', () => {
    expect(lanesBehind([lane({ behind: 12, ageMs: 300 }), lane({ ageMs: null })])).toEqual([])
  })
})

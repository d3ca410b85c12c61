import { describe, expect, it } from 'vitest'
import { RecentTraces } from './recent-traces.ts'

const uuid = '7b0f5e9c-0000-4000-8000-000000000001'
const transaction = (trace: string | null, gno: number) => ({ trace, uuid, gno, committedAtMs: 1_000 + gno })

describe('the traces that a role remembers', () => {
  it('are found with their transaction and when it was done; others are not', () => {
    const traces = new RecentTraces(10)
    traces.add([transaction('a', 1), transaction(null, 2), transaction('b', 3)], 2_000)
    expect(traces.find('b')).toEqual({ uuid, gno: 3, committedAtMs: 1_003, atMs: 2_000 })
    expect(traces.find('c')).toBeUndefined()
  })

  it('are the newest so many: the oldest goes first, and one that came again is new', () => {
    const traces = new RecentTraces(2)
    traces.add([transaction('a', 1), transaction('b', 2), transaction('a', 3), transaction('c', 4)], 2_000)
    expect([traces.find('a')?.gno, traces.find('b'), traces.find('c')?.gno]).toEqual([3, undefined, 4])
  })
})

import { describe, expect, it } from 'vitest'
import { type LoadRecord, noReply } from './records.ts'
import { Seconds } from './seconds.ts'

const record = (intendedMs: number, tookMs: number, more: Partial<LoadRecord> = {}): LoadRecord => ({
  ...noReply,
  ...{ index: 0, kind: 'place', requestKey: null, outcome: 'ok', zone: 'sh' },
  ...{ intendedMs, sentMs: intendedMs, answeredMs: intendedMs + tookMs, ...more },
})

describe('the seconds of a load', () => {
  const seconds = new Seconds()
  seconds.add(record(10, 5))
  seconds.add(record(990, 3_000))
  seconds.add(record(500, 1, { outcome: 'failed', zone: null }))
  seconds.add(record(1_000, 7, { zone: 'bj' }))

  it('count by the times that were meant, each zone for itself', () => {
    expect(Object.fromEntries(seconds.between(0, 2))).toEqual({
      sh: { ok: 2, failed: 0, unknown: 0, p50Ms: 5, p99Ms: 3_000 },
      '-': { ok: 0, failed: 1, unknown: 0, p50Ms: null, p99Ms: null },
      bj: { ok: 1, failed: 0, unknown: 0, p50Ms: 7, p99Ms: 7 },
    })
  })

  it('are forgotten when they were taken out', () => {
    expect(seconds.takeBefore(1).map(({ second, zone, ok }) => [second, zone, ok])).toEqual([
      [0, 'sh', 2],
      [0, null, 0],
    ])
    expect(seconds.takeBefore(5).map(({ zone }) => zone)).toEqual(['bj'])
    expect(seconds.takeBefore(5)).toEqual([])
  })
})

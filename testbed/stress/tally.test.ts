import { describe, expect, it } from 'vitest'
import { type LoadRecord, noReply } from './records.ts'
import { type LoadSummary, Tally } from './tally.ts'
import { requireHeld as require } from './verdict.ts'

const record = (more: Partial<LoadRecord>): LoadRecord => ({
  ...noReply,
  index: 0,
  kind: 'place',
  requestKey: null,
  outcome: 'ok',
  zone: 'sh',
  intendedMs: 0,
  sentMs: 0,
  answeredMs: 10,
  ...more,
})
const run = { intended: 100, sent: 100, inTime: 100, dropped: 0, ranMs: 1_000 }

function summary(records: readonly Partial<LoadRecord>[], more: Partial<typeof run> = {}) {
  const tally = new Tally()
  for (const one of records) tally.add(record(one))
  return tally.summary(100, { ...run, ...more })
}
const requireHeld = (found: LoadSummary) =>
  require({
    ...found,
    ...{ engine: 'builtin', profile: 'steady', steps: [], thresholds: [], k6: null, limitedBy: null },
    ...{ highestQps: null, generatorCpu: 0, drill: null },
  })
const hundred = Array.from({ length: 100 }, (_, i) => ({ index: i, answeredMs: i + 1 }))

describe('what a load came to', () => {
  it('has latencies from the intended time, by nearest rank', () => {
    expect(summary(hundred)).toMatchObject({ verdict: 'valid', heldQps: 100, p50Ms: 50, p99Ms: 99, maxMs: 100 })
    expect(summary([{ intendedMs: 100, sentMs: 140, answeredMs: 200 }])).toMatchObject({ p50Ms: 100, lagMaxMs: 40 })
  })

  it('keeps apart ok, failed and unknown, by zone and by kind', () => {
    const found = summary([
      {},
      { zone: 'bj', outcome: 'failed', code: 'EZ_SHARD_FROZEN' },
      { zone: 'bj', kind: 'show' },
      { zone: null, outcome: 'unknown', code: 'EZ_OUTCOME_UNKNOWN' },
    ])
    expect(found).toMatchObject({ requests: 4, ok: 2, failed: 1, unknown: 1 })
    expect(found.perZone).toMatchObject({ bj: { requests: 2, ok: 1, failed: 1 }, sh: { requests: 1, ok: 1 } })
    expect(found.perKind).toMatchObject({ place: { requests: 3, ok: 1 }, show: { requests: 1, ok: 1 } })
    expect(found.errors).toEqual({ EZ_SHARD_FROZEN: 1, EZ_OUTCOME_UNKNOWN: 1 })
  })

  it('does not take a fast refusal for fast work', () => {
    expect(summary([{ outcome: 'failed', answeredMs: 1 }])).toMatchObject({ p50Ms: null, p99Ms: null, heldQps: 0 })
  })

  it.each([
    ['something was dropped', { dropped: 1 }],
    ['more than one in a hundred left late', { inTime: 98 }],
  ])('is void where %s, and says which rate held', (_, more) => {
    const late = { intendedMs: 0, sentMs: 51, answeredMs: 60 }
    const found = summary([...hundred.slice(0, 98), late, late], more)
    expect(found).toMatchObject({ verdict: 'void', heldQps: 98 })
    expect(() => requireHeld(found)).toThrow(expect.objectContaining({ code: 'EZ_STRESS_VOID' }))
    expect(() => requireHeld(found)).toThrow('of 100 requests/s 98 held')
  })

  it('is void where nothing was done at all: figures of refusals are none', () => {
    const found = summary(hundred.map((one) => ({ ...one, outcome: 'failed', code: 'EZ_ZONE_UNREACHABLE' })))
    expect(found).toMatchObject({ verdict: 'void', ok: 0, failed: 100, heldQps: 0 })
    expect(() => requireHeld(found)).toThrow('none of 100 requests was answered well')
  })

  it('counts what is unknown as neither ok nor held, however fast it was', () => {
    const some = hundred.map((one, i) =>
      i < 40 ? { ...one, outcome: 'unknown' as const, code: 'EZ_OUTCOME_UNKNOWN' as const } : one,
    )
    expect(summary(some)).toMatchObject({ verdict: 'unknown', ok: 60, unknown: 40, failed: 0, heldQps: 60 })
  })

  it.each(['failed', 'unknown'] as const)('holds a rate where at most one in a hundred is %s', (outcome) => {
    const but = (count: number) => summary(hundred.map((one, i) => (i < count ? { ...one, outcome } : one)))
    expect(but(1).verdict).toBe('valid')
    expect(() => requireHeld(but(2))).toThrow(
      expect.objectContaining({ code: 'EZ_STRESS_NOT_HELD', oclif: { exit: 8 } }),
    )
  })

  it('stands where a few left late', () => {
    const found = summary(hundred, { inTime: 99 })
    expect(found).toMatchObject({ verdict: 'valid', late: 1 })
    expect(() => requireHeld(found)).not.toThrow()
  })
})

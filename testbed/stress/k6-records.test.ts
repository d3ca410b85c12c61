import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AttemptCount } from './k6-agreement.ts'
import type { Attempt, OperationLine } from './k6-lines.ts'
import { k6OptionsOf, sendersOf } from './k6-load.ts'
import { parseLine, recordOf } from './k6-records.ts'
import { arrivalsOf, profileOf, steady } from './profile.ts'

const route = 'sh; shard=31; epoch=5; rule=geo'
const line = (more: {
  index?: number
  begunAtMs?: number
  kind?: string
  attempts: readonly Attempt[]
  code?: string
}) => {
  const { index = 0, begunAtMs = 1_010, kind = 'place', attempts, code = null } = more
  const ok = (attempts.at(-1)?.[2] ?? 0) === 201
  const told = ok ? ([route, '7:99', null, '7', null] as const) : ([null, null, null, null, code] as const)
  return [index, 1_000, begunAtMs, kind, 'r-0', 'trace', attempts, ...told] as OperationLine
}
const done: Attempt = [0.5, 12, 201, 0]
const lost: Attempt = [0.5, 3, 0, 1000]
const late: Attempt = [0, 1_000, 0, 1050]
const refused: Attempt = [0, 0, 0, 1212]

describe('a line of k6', () => {
  it('is an operation, its summary, or its own words', () => {
    expect(parseLine(`@${JSON.stringify(line({ attempts: [done] }))}`).type).toBe('operation')
    expect(parseLine('={"requests":1}')).toEqual({ type: 'summary', summary: { requests: 1 } })
    expect(parseLine('Request Failed').type).toBe('words')
    expect(parseLine('@[0,1').type).toBe('words')
  })
})

describe('an operation that k6 sent', () => {
  const arrivals = steady(100, 10_000)

  it('was meant for its own moment, and its latency counts from there', () => {
    const record = recordOf(line({ index: 2, begunAtMs: 1_055, attempts: [done] }), arrivals)
    expect(record).toMatchObject({ index: 2, intendedMs: 30, sentMs: 55, answeredMs: 67.5 })
    expect(record).toMatchObject({ outcome: 'ok', zone: 'sh', shard: 31, epoch: 5, orderId: '7', version: '99' })
  })

  it('that seems to begin before its time is in time: k6 tells whole milliseconds', () => {
    expect(recordOf(line({ attempts: [done], begunAtMs: 1_009 }), arrivals).sentMs).toBe(10)
  })

  it.each([
    ['a write without an answer', 'place', [late], 'unknown', 'EZ_OUTCOME_UNKNOWN'],
    ['a write whose connection broke', 'pay', [lost, refused], 'unknown', 'EZ_OUTCOME_UNKNOWN'],
    ['a report without an answer', 'position', [late], 'unknown', 'EZ_OUTCOME_UNKNOWN'],
    ['a read without an answer', 'show', [late], 'failed', 'EZ_ZONE_UNREACHABLE'],
    ['a write that never left', 'place', [refused, refused], 'failed', 'EZ_NOT_RUNNING'],
  ] as const)('%s is what the built-in engine says', (_, kind, attempts, outcome, code) => {
    expect(recordOf(line({ kind, attempts }), arrivals)).toMatchObject({ outcome, code, zone: null })
  })

  it('that the platform refused has its code', () => {
    const refusal = line({ attempts: [[0, 2, 503, 1503]], code: 'EZ_SHARD_FROZEN' })
    expect(recordOf(refusal, arrivals)).toMatchObject({ outcome: 'failed', code: 'EZ_SHARD_FROZEN' })
  })
})

describe('what k6 says of itself', () => {
  const counted = (durations: readonly number[]) => {
    const count = new AttemptCount()
    for (const ms of durations) count.add(line({ attempts: [[0, ms, 201, 0]] }))
    return count
  }
  const summary = { requests: 100, iterations: 100, dropped: 0, p50Ms: 50.5, p99Ms: 99.01 }
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1)

  it('agrees with what was counted, by its own definition of a percentile', () => {
    expect(counted(hundred).agreement(summary, '1.8.1')).toEqual({
      ...{ version: '1.8.1', requests: 100, p50Ms: 50.5, p99Ms: 99.01, agrees: true },
      counted: { requests: 100, p50Ms: 50.5, p99Ms: 99.01 },
    })
  })

  it.each([
    ['the count', { requests: 102 }],
    ['the half', { p50Ms: 51.5 }],
    ['the slowest', { p99Ms: 101 }],
  ])('disagrees where %s is off by more than one in a hundred', (_, off) => {
    expect(counted(hundred).agreement({ ...summary, ...off }, '1.8.1').agrees).toBe(false)
  })

  it('is not compared where the load was ended early: k6 counts what it cut off', () => {
    expect(counted(hundred).agreement({ ...summary, requests: 120 }, '1.8.1', true).agrees).toBeNull()
  })

  it('counts every time that something was sent', () => {
    const count = new AttemptCount()
    count.add(line({ attempts: [lost, done] }))
    expect(count.agreement(summary, '').counted.requests).toBe(2)
  })
})

describe('what k6 is told', () => {
  it('holds a sender for every operation that may wait for its answer, and a bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50_000 }), (qps) => {
        const senders = sendersOf(profileOf('steady', { qps, forMs: 10_000 }))
        expect(senders).toBeGreaterThanOrEqual(Math.min(6_000, qps))
        expect(senders).toBeLessThanOrEqual(6_000)
      }),
    )
  })

  it.each(['lunch', 'storm-x10', 'ramp-to-break'] as const)('means the same load as the profile %s', (name) => {
    const profile = profileOf(name, { qps: 300, forMs: 30_000 })
    const { scenarios } = k6OptionsOf(profile) as {
      scenarios: { load: { startRate: number; stages: readonly { duration: string; target: number }[] } }
    }
    let [atMs, qps] = [0, scenarios.load.startRate / 1_000]
    const again = [{ atMs, qps }]
    for (const { duration, target } of scenarios.load.stages) {
      atMs += Number.parseInt(duration, 10)
      qps = target / 1_000
      again.push({ atMs, qps })
    }
    expect(Math.abs(arrivalsOf(again).count - arrivalsOf(profile).count)).toBeLessThanOrEqual(1)
  })
})

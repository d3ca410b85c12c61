import { packId } from '@ezone/sdk/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Entry, EntryOf } from '../ledger/history.ts'
import { historyOf, operation, playedHistory } from '../testing/played-history.ts'
import type { Grade } from './grade.ts'
import { judge } from './judge.ts'
import { measure } from './measures.ts'
import { uniqueIds } from './unique-ids.ts'

type Op = EntryOf<'op'>
const allowed = { lossWindowMs: 0, ackMs: 1_000, lagOffMs: 1_000 }

/** Shard 7 asked every 100 ms for 60 s; what is meant to be sent in an outage fails. */
function outage(options: {
  readonly outages: readonly (readonly [fromMs: number, untilMs: number])[]
  readonly faultMs?: number
  readonly outcome?: Op['outcome']
  readonly code?: string
}): readonly Entry[] {
  const { outages, faultMs, outcome = 'failed', code = 'EZ_ZONE_UNREACHABLE' } = options
  const shards = [{ shard: 7, zone: 'sh', name: 'seven' }]
  const ops = Array.from({ length: 600 }, (_, index): Op => {
    const sentMs = index * 100
    const isOut = outages.some(([from, until]) => sentMs >= from && sentMs < until)
    const times = { intendedMs: sentMs, sentMs, answeredMs: sentMs + 5 }
    const made = { kind: 'place', key: `k${index}`, shard: 7, zone: 'sh', epoch: 1 } as const
    return operation({ index, ...made, ...times, ...(isOut ? { outcome, code } : { orderId: idOf(index) }) })
  })
  return [
    {
      ...{ type: 'begin', format: 1, run: 'r', name: 'n', seed: 1, startedAt: new Date(0).toISOString(), testbed: 't' },
      ...{ runtime: 'process', policy: 'strict', zones: ['bj', 'sh'], shards },
    },
    { type: 'owner', atMs: 0, shard: 7, zone: 'sh', state: 'ACTIVE', epoch: 1 },
    ...(faultMs === undefined
      ? []
      : [{ type: 'fault', id: 'f', kind: 'k', target: 't', phase: 'in-force', atMs: faultMs, proven: true } as const]),
    ...ops,
    { type: 'generator', intended: 600, sent: 600, inTime: 600, dropped: 0, ranMs: 60_000 },
    { type: 'end', atMs: 61_000, interrupted: false },
  ]
}
const idOf = (index: number) =>
  String(packId({ seconds: 40_000_000 + index, cell: 1, zone: 2, writer: 0, sequence: 0 }))
const measured = (entries: readonly Entry[]) => measure(historyOf(entries))
const graded = (entries: readonly Entry[], options = {}) =>
  judge(historyOf(entries), { allowed, checks: [], ...options })

describe('the time to recover', () => {
  it('runs from the fault to the first two seconds in which all was served', () => {
    const { rtoMs, writeGapMs, rto, times } = measured(outage({ faultMs: 10_000, outages: [[10_500, 18_000]] }))
    expect(rtoMs).toBe(8_000)
    expect(rto).toMatchObject({ worstShard: 7, p50Ms: 8_000 })
    expect(times).toMatchObject({ t0: 10_000, t1: 10_505, t8: 18_000 })
    expect(writeGapMs).toBe(18_005 - 10_500)
  })

  it('does not end in the calm before the first operation was hurt, nor in a shorter one', () => {
    const outages = [
      [15_000, 20_000],
      [21_000, 24_000],
    ] as const
    expect(measured(outage({ faultMs: 10_000, outages })).rtoMs).toBe(14_000)
  })

  it('is null where it never came', () => {
    const never = measured(outage({ faultMs: 10_000, outages: [[12_000, 60_000]] }))
    expect(never).toMatchObject({ rtoMs: null, rto: { worstShard: 7 }, times: { t8: null } })
    expect(never.writeGapMs).toBeGreaterThan(47_000)
  })

  it('is nothing where nobody was hurt, and unknown where nothing was broken', () => {
    expect(measured(outage({ faultMs: 10_000, outages: [] })).rtoMs).toBe(0)
    // The last operation is meant for 59.9 s: a window of two seconds that begins at 58 s has not been seen to its end.
    expect(measured(outage({ faultMs: 10_000, outages: [[50_000, 57_900]] })).rtoMs).toBe(47_900)
    expect(measured(outage({ faultMs: 10_000, outages: [[50_000, 58_000]] })).rtoMs).toBeNull()
    expect(measured(outage({ outages: [] })).rtoMs).toBeNull()
  })

  it('counts what nobody answered as not served, and what the business refused as served', () => {
    const outages = [[11_000, 13_000]] as const
    expect(measured(outage({ faultMs: 10_000, outages, outcome: 'unknown' })).rtoMs).toBe(3_000)
    expect(measured(outage({ faultMs: 10_000, outages, code: 'EZ_BAD_TRANSITION' })).rtoMs).toBe(0)
    expect(measured(outage({ faultMs: 10_000, outages })).clientErrors).toEqual({ EZ_ZONE_UNREACHABLE: 20 })
  })

  it('is that of clients at the edge: who sits inside a lost zone is lost with it', () => {
    const inside = outage({ faultMs: 10_000, outages: [[11_000, 50_000]] }).map((entry) =>
      entry.type === 'op' ? { ...entry, inside: 'sh' } : entry,
    )
    expect(measured(inside)).toMatchObject({ rtoMs: 0, writeGapMs: 0 })
  })

  it('is as long as the outage, whenever it is', () => {
    const time = fc.integer({ min: 3, max: 200 })
    fc.assert(
      fc.property(time, time, fc.integer({ min: 0, max: 20 }), (from, length, before) => {
        const [fromMs, untilMs] = [from * 100, (from + length) * 100]
        const faultMs = Math.max(0, fromMs - before * 100)
        expect(measured(outage({ faultMs, outages: [[fromMs, untilMs]] })).rtoMs).toBe(untilMs - faultMs)
      }),
    )
  })
})

describe('what was lost', () => {
  const taken = playedHistory({ seed: 5, operations: 400, move: 'takeover' })
  const order = taken.find((e): e is Op => e.type === 'op' && e.kind === 'place' && e.shard === 3 && e.epoch === 1)
  const orderId = order?.orderId ?? ''

  it('is nothing in a correct run, also where a zone was lost', () => {
    expect(measured(taken)).toMatchObject({ rpoOrders: [], rpo: { claimed: [], missed: [], forGood: [] }, rtoMs: 0 })
  })

  it('are orders that clients ask for in vain after the takeover', () => {
    const when = { intendedMs: 9_000, sentMs: 9_000, answeredMs: 9_005 }
    const asked = operation({
      kind: 'read',
      subject: orderId,
      shard: 3,
      outcome: 'failed',
      code: 'EZ_UNKNOWN_ORDER',
      ...when,
    })
    expect(measured([...taken, asked])).toMatchObject({ rpoOrders: [orderId], rpo: { missed: [orderId], forGood: [] } })
  })

  it('are orders that the ledger did not find with the new owner at the switch', () => {
    const orderIds = [orderId]
    const missing: Entry = { type: 'missing', atMs: 2_100, zone: 'bj', shards: [3], acknowledged: 40, orderIds }
    expect(measured([...taken, missing])).toMatchObject({
      rpoOrders: [orderId],
      rpo: { missed: [orderId], forGood: [] },
    })
    const judged = (lossWindowMs: number) =>
      judge(historyOf([...taken, missing]), { allowed: { ...allowed, lossWindowMs } })
    expect(judged(60_000)).toMatchObject({ verdict: 'valid', grade: 'P1' })
    expect(judged(0)).toMatchObject({ verdict: 'invalid', grade: 'P0' })
  })

  it('are orders that are missing when all is over, beside what the platform said', () => {
    const text = `lost 1 order: ${orderId}`
    const told: Entry = { type: 'step', switch: 's', name: 'lost', shards: [3], atMs: 2_500, text }
    const gone = [...taken, told].filter((e) => !(e.type === 'order' && e.orderId === orderId))
    expect(measured(gone).rpo).toEqual({ claimed: [orderId], missed: [], forGood: [orderId] })
  })
})

describe('the moments of a switch', () => {
  it('are told one after the other', () => {
    const { t3, t4, t5, t6, t7 } = measured(playedHistory({ seed: 2, operations: 400, move: 'planned' })).times
    expect(t3).toBeNull()
    expect([t4, t5, t6, t7].every((time) => time !== null)).toBe(true)
    expect(Number(t4)).toBeLessThan(Number(t5))
    expect(Number(t5)).toBeLessThan(Number(t6))
  })
})

describe('second by second', () => {
  it('counts what was meant to be sent, by zone and shard, with latency from then on', () => {
    const { zones, shards } = measured(outage({ outages: [[10_000, 11_000]] })).series
    expect([zones.map(({ of }) => of), shards.map(({ of }) => of)]).toEqual([['sh'], ['7']])
    expect(zones[0]).toMatchObject({ intended: Array(60).fill(10) })
    expect([zones[0]?.ok[9], zones[0]?.ok[10], zones[0]?.failed[10]]).toEqual([10, 0, 10])
    expect([zones[0]?.p99Ms[9], zones[0]?.p99Ms[10]]).toEqual([5, null])
  })
})

describe('the grade', () => {
  const gradeOf = (...outages: readonly (readonly [number, number])[]) => graded(outage({ outages, faultMs: 1 })).grade

  it('is that of the worst axis', () => {
    expect(gradeOf()).toBe('P5')
    // 0.2 s of five minutes, and less than a second in which half was not served.
    expect(gradeOf([10_000, 10_200])).toBe('P5')
    expect(gradeOf([10_000, 10_700])).toBe('P4')
    expect(gradeOf([10_000, 14_000])).toBe('P3')
    expect(gradeOf([10_000, 29_000])).toBe('P2')
  })

  it('is overridden by thresholds of one’s own', () => {
    const gradings = [{ grade: 'P1', orderLoss: 1, downMs: 500, stuck: 1 }] as const
    const { grade, axes } = graded(outage({ outages: [[10_000, 14_000]] }), { gradings })
    expect(grade).toBe('P1')
    expect(axes.find(({ name }) => name === 'core-flow-down')).toMatchObject({ grade: 'P1', value: 4_000 })
  })

  it('is P0 for wrong data and for a promise that was broken, whatever the figures say', () => {
    const correct = playedHistory({ seed: 9, operations: 300 })
    const order = correct.find((e): e is Op => e.type === 'op' && e.kind === 'place') as Op
    expect(judge(historyOf(correct), { allowed }).grade).toBe('P5')
    expect(judge(historyOf([...correct, { ...order, key: 'other' }]), { allowed }).grade).toBe('P0')
    const gone = correct.filter((e) => !(e.type === 'order' && e.orderId === order.orderId))
    expect(judge(historyOf(gone), { allowed }).grade).toBe('P0')
    const differs = correct.map((e) => (e.type === 'compared' ? { ...e, equal: false } : e))
    expect(judge(historyOf(differs), { allowed }).grade).toBe('P2')
  })

  it('that is worse than allowed makes the run invalid', () => {
    const run = historyOf(outage({ outages: [[10_000, 14_000]], faultMs: 9_000 }))
    const graded = (allowedGrade: Grade) => judge(run, { allowed, allowedGrade, checks: [uniqueIds] })
    expect(graded('P4')).toMatchObject({ grade: 'P3', verdict: 'invalid' })
    expect(graded('P3')).toMatchObject({ grade: 'P3', verdict: 'valid' })
  })
})

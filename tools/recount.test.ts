import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { measure } from '../testbed/checks/measures.ts'
import type { Entry, OperationEntry } from '../testbed/ledger/history.ts'
import { historyOf, operation } from '../testbed/testing/played-history.ts'
import { sampleHistory } from '../testbed/testing/sample-run.ts'
import { recount } from './recount.ts'

const textOf = (entries: readonly Entry[]) => entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')

const states = ['created', 'paid', 'cancelled'] as const
const shards = [7, 8, 9].map((shard) => ({ shard, zone: 'sh', name: `s${shard}` }))
const begin: Entry = {
  ...{ type: 'begin', format: 1, run: 'r', name: 'n', seed: 1, startedAt: new Date(0).toISOString(), testbed: 't' },
  ...{ runtime: 'process', policy: 'strict', zones: ['bj', 'sh'], shards },
}
const codes = ['EZ_ZONE_UNREACHABLE', 'EZ_UNKNOWN_ORDER', 'EZ_ORDER_LOCKED'] as const
const orders = 12
const step = fc.record({
  shard: fc.constantFrom(7, 8, 9),
  order: fc.nat(orders - 1),
  kind: fc.constantFrom('place', 'advance', 'read', 'register'),
  inside: fc.constantFrom(null, null, null, 'sh'),
  outcome: fc.constantFrom('ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'failed', 'unknown'),
  code: fc.constantFrom(...codes),
  /** One after the other: of answers that overlap it can be argued which was known first. */
  takesMs: fc.nat(190),
  version: fc.integer({ min: 1, max: 60 }),
  saw: fc.constantFrom('created', 'paid', 'cancelled'),
})
const trouble = fc.record({
  faultMs: fc.option(fc.integer({ min: 0, max: 30_000 })),
  outage: fc.option(fc.tuple(fc.nat(30_000), fc.nat(12_000))),
  takenMs: fc.option(fc.integer({ min: 100, max: 30_000 })),
  steps: fc.array(step, { minLength: 100, maxLength: 250 }),
  rows: fc.array(
    fc.record({
      order: fc.nat(orders - 1),
      zone: fc.constantFrom('bj', 'sh'),
      version: fc.integer({ min: 1, max: 60 }),
      locked: fc.boolean(),
    }),
  ),
  /** Not in the new owner's database at the switch. */
  missing: fc.uniqueArray(fc.nat(orders - 1), { maxLength: 2 }),
})

type Trouble = typeof trouble extends fc.Arbitrary<infer T> ? T : never

/** An order belongs to one shard. */
const orderId = (shard: number, order: number) => String(10_000_000_000 + shard * 100 + order)

function entriesOf({ faultMs, outage, takenMs, steps, rows, missing }: Trouble): readonly Entry[] {
  const ops = steps.map((one, index): OperationEntry => {
    const sentMs = index * 200
    const isOut = outage !== null && sentMs >= outage[0] && sentMs < outage[0] + outage[1]
    const ok = one.outcome === 'ok' && !isOut
    const isOrder = one.kind !== 'register'
    const id = orderId(one.shard, one.order)
    return operation({
      ...{
        index,
        kind: one.kind as OperationEntry['kind'],
        inside: one.inside,
        key: one.kind === 'read' ? null : `k${index}`,
      },
      ...{
        subject: one.kind === 'place' ? null : isOrder ? id : '13800000000',
        shard: one.shard,
        zone: 'sh',
        epoch: 1,
      },
      ...{ intendedMs: sentMs, sentMs, answeredMs: sentMs + one.takesMs },
      ...{
        outcome: ok ? 'ok' : one.outcome === 'ok' ? 'failed' : (one.outcome as 'failed'),
        code: ok ? null : one.code,
      },
      ...{
        orderId: ok && isOrder ? id : null,
        version: ok && isOrder ? String(one.version) : null,
        saw: ok ? one.saw : null,
      },
    })
  })
  const owner = (state: 'ACTIVE' | 'TAKEOVER', atMs: number, zone: string): Entry[] =>
    shards
      .slice(0, state === 'TAKEOVER' ? 2 : 3)
      .map(({ shard }) => ({ type: 'owner', atMs, shard, zone, state, epoch: 1 }))
  const fault = { type: 'fault', id: 'f', kind: 'k', target: 't', phase: 'in-force', proven: true } as const
  return [
    begin,
    ...owner('ACTIVE', 0, 'sh'),
    ...(takenMs === null ? [] : owner('TAKEOVER', takenMs, 'sh')),
    ...(faultMs === null ? [] : [{ ...fault, atMs: faultMs }]),
    ...ops,
    ...rows.map(
      ({ order, ...row }): Entry => ({
        ...row,
        ...{ type: 'order', orderId: orderId(7 + (order % 3), order), shard: 7 + (order % 3), epoch: 1 },
        ...{ state: states[row.version % 3] ?? 'paid', version: String(row.version), riderId: null, bornIn: 'sh' },
      }),
    ),
    ...missing.map((order): Entry => {
      const about = { shards: [7, 8], acknowledged: 1, orderIds: [orderId(7, order)] }
      return { type: 'missing', atMs: 30_000, zone: 'bj', ...about }
    }),
    { type: 'end', atMs: 90_000, interrupted: false },
  ]
}

describe('what is counted again from the raw history', () => {
  it('is what the checks have measured, whatever happened', () => {
    let recovered = 0
    let lost = 0
    fc.assert(
      fc.property(trouble, (happened) => {
        const entries = entriesOf(happened)
        const [measured, again] = [measure(historyOf(entries)), recount(textOf(entries))]
        expect(again.rtoMs).toEqual(measured.rtoMs)
        expect(again.rpoOrders).toEqual(measured.rpoOrders.toSorted())
        expect(again.acknowledged).toBe(measured.acknowledged)
        if ((measured.rtoMs ?? 0) > 0) recovered++
        if (measured.rpoOrders.length > 0) lost++
      }),
      { numRuns: 200 },
    )
    expect(Math.min(recovered, lost)).toBeGreaterThan(5)
  })

  it('is what the checks have measured of a zone that was lost', () => {
    const history = sampleHistory({ seconds: 90, operationsPerSecond: 60 })
    const entries = Object.values(history).flat() as Entry[]
    const again = recount(textOf(entries))
    expect(again.rtoMs).toBeGreaterThan(10_000)
    expect(again.rtoMs).toBe(measure(history).rtoMs)
  })

  it('leaves out a line that was cut off, and tells what was missing at a switch', () => {
    const entries = entriesOf({ faultMs: null, outage: null, takenMs: null, steps: [], rows: [], missing: [] })
    const missing: Entry = {
      type: 'missing',
      atMs: 5,
      zone: 'bj',
      shards: [7],
      acknowledged: 3,
      orderIds: ['2', '1'],
    }
    const text = `${textOf([...entries, missing])}{"type":"op","kin`
    expect(recount(text)).toMatchObject({ missingAtSwitch: ['1', '2'], rpoOrders: ['1', '2'], acknowledged: 0 })
  })
})

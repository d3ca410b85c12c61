import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EntryOf, History, OperationEntry } from '../ledger/history.ts'
import { sampleHistory } from '../testing/sample-run.ts'
import type { Judgement } from './alert-rules.ts'
import { alertsOf, stretches } from './alerts.ts'
import { gathered } from './gathered.ts'
import type { Alert } from './schema.ts'
import { faultsOf } from './spans.ts'

const alertsIn = (history: History, durationMs = 94_000): Alert[] =>
  alertsOf({ history, faults: faultsOf(history), durationMs })

const sample = sampleHistory({ what: 'quiet', seconds: 40 })
/** Nothing at all went wrong. */
const quiet: History = { ...sample, op: sample.op.map((one) => ({ ...one, outcome: 'ok', code: null })) }
const kinds = (alerts: readonly Alert[]) => alerts.map(({ rule, subject }) => `${rule} ${subject}`)

/** The quiet run with some operations changed. */
const changed = (change: (operation: OperationEntry) => Partial<OperationEntry>): History => ({
  ...quiet,
  op: quiet.op.map((operation) => ({ ...operation, ...change(operation) })),
})
const between = (operation: OperationEntry, fromMs: number, toMs: number) =>
  operation.intendedMs >= fromMs && operation.intendedMs < toMs

const owner = (atMs: number, zone: string, state: EntryOf<'owner'>['state'], epoch: number): EntryOf<'owner'> => ({
  ...{ type: 'owner', atMs, shard: 17, zone, state, epoch },
})

describe('alerts of a run', () => {
  it('are none where nothing is wrong', () => {
    expect(alertsIn(quiet, 40_000)).toEqual([])
  })

  it('fire once for a zone that fails, soon after the fault, and resolve when it serves again', () => {
    const alerts = alertsIn(sampleHistory()).filter(({ rule, subject }) => rule === 'errors' && subject === 'sh')
    expect(alerts.length).toBe(1)
    const [alert] = alerts
    expect(alert).toMatchObject({ fault: 'f1', fired: 1 })
    // A window of two seconds, two looks, and answers that time out after one.
    expect(alert?.afterFaultMs).toBeLessThanOrEqual(4_000)
    expect(alert?.resolvedMs).not.toBeNull()
    expect(alert?.worst).toBe(1)
  })

  it('speak of a shard where it fails and its zone does not, and of no shard where the zone says it', () => {
    const hurt = (one: OperationEntry) => one.shard === 20 && one.index % 2 === 0 && between(one, 10_000, 20_000)
    const alone = changed((one) => (hurt(one) ? { outcome: 'failed', code: 'X' } : {}))
    const busier = { ...alone, op: alone.op.flatMap((one) => [one, one, one, one]) }
    expect(kinds(alertsIn(busier, 40_000))).toEqual(['errors shard 20'])
    const all = changed((one) =>
      one.zone === 'sh' && between(one, 10_000, 20_000) ? { outcome: 'failed', code: 'X' } : {},
    )
    expect(kinds(alertsIn(all, 40_000))).toEqual(['errors sh'])
  })

  it('do not call it an error that the business says no', () => {
    const refused = changed((one) => (one.zone === 'sh' ? { outcome: 'failed', code: 'EZ_BAD_TRANSITION' } : {}))
    expect(alertsIn(refused, 40_000)).toEqual([])
  })

  it('say that answers are slow although all of them are right', () => {
    const slow = changed((one) =>
      one.zone === 'bj' && between(one, 10_000, 20_000) ? { answeredMs: one.intendedMs + 1_500 } : {},
    )
    expect(kinds(alertsIn(slow, 40_000))).toEqual(['slow bj'])
  })

  it('say that replication is late where no marker arrives, whatever it claims of itself', () => {
    const lying = {
      ...quiet,
      lag: quiet.lag.map((entry) =>
        entry.atMs > 10_000 && entry.atMs < 20_000 ? { ...entry, claimedMs: 1, measuredMs: null } : entry,
      ),
    }
    expect(kinds(alertsIn(lying, 40_000))).toEqual(['lag bj>sh', 'lag sh>bj'])
  })

  it('say that a shard has no owner, but not during a planned move', () => {
    const moved = (ms: number) => ({
      ...quiet,
      owner: [owner(0, 'sh', 'ACTIVE', 1), owner(10_000, 'sh', 'FROZEN', 1), owner(10_000 + ms, 'bj', 'ACTIVE', 2)],
    })
    expect(kinds(alertsIn(moved(1_500), 40_000)).filter((kind) => kind.startsWith('no-owner'))).toEqual([])
    expect(kinds(alertsIn(moved(9_000), 40_000)).filter((kind) => kind.startsWith('no-owner'))).toEqual([
      'no-owner shard 17',
    ])
  })

  it('say that a shard has two owners by a single write under an older epoch, and by none of a clean move', () => {
    const clean = changed((one) => (one.shard === 17 && one.intendedMs > 20_000 ? { zone: 'bj', epoch: 12 } : {}))
    expect(kinds(alertsIn(clean, 40_000))).toEqual([])
    const late = clean.op.find((one) => one.shard === 17 && one.kind === 'place' && one.intendedMs > 30_000)
    const stale = { ...clean, op: clean.op.map((one) => (one === late ? { ...one, zone: 'sh', epoch: 11 } : one)) }
    expect(kinds(alertsIn(stale, 40_000))).toEqual(['two-owners shard 17'])
  })
})

describe('one rule over time', () => {
  const judgement = fc.constantFrom<Judgement>(
    { state: 'idle', value: null },
    { state: 'bad', value: 2 },
    { state: 'good', value: 0 },
    { state: 'silent', value: null },
  )

  it('never fires while it stands, and never resolves before it fired', () => {
    fc.assert(
      fc.property(fc.array(judgement, { maxLength: 200 }), (looks) => {
        const found = stretches(looks.length, (tick) => looks[tick] ?? { state: 'silent', value: null })
        for (const [index, { firedMs, resolvedMs }] of found.entries()) {
          expect(resolvedMs ?? Infinity).toBeGreaterThan(firedMs)
          const before = found[index - 1]
          // What comes back sooner is the same alert.
          if (before !== undefined) expect(firedMs - (before.resolvedMs ?? Infinity)).toBeGreaterThan(5_000)
        }
        const bad = looks.filter(({ state }) => state === 'bad').length
        expect(found.reduce((sum, { fired }) => sum + fired, 0)).toBeLessThanOrEqual(bad / 2)
      }),
    )
  })

  it('takes a flapping one for one alert and counts how often it came', () => {
    const looks = 'bbggggbbggggbb'
      .split('')
      .map((look): Judgement => (look === 'b' ? { state: 'bad', value: 1 } : { state: 'good', value: 0 }))
    expect(stretches(looks.length, (tick) => looks[tick] ?? { state: 'silent', value: null })).toEqual([
      { firedMs: 1_000, resolvedMs: null, fired: 3, worst: 1 },
    ])
  })
})

describe('an alert that stands', () => {
  const look = (state: Judgement['state']): Judgement => ({ state, value: null })
  const endsAfter = (state: Judgement['state'], count: number) =>
    stretches(2 + count, (tick) => look(tick < 2 ? 'bad' : state))[0]?.resolvedMs ?? null

  it('ends where nobody asks any more, and goes on where nobody can say', () => {
    expect([endsAfter('idle', 19), endsAfter('idle', 20), endsAfter('silent', 500), endsAfter('good', 4)]).toEqual([
      ...[null, 11_000, null, 3_000],
    ])
  })
})

describe('alerts for people', () => {
  it('are one where many shards fire together, and stay apart where they do not', () => {
    const base = { rule: 'no-owner', resolvedMs: null, fired: 1, worst: 4_000, fault: 'f1', afterFaultMs: 1 } as const
    const alerts = [1, 2, 3].map((shard) => ({ ...base, subject: `shard ${shard}`, firedMs: 10_000 + shard }))
    const later = { ...base, subject: 'shard 4', firedMs: 15_000, resolvedMs: 20_000 }
    expect(gathered([...alerts, later]).map(({ who, fired }) => [who.en, fired])).toEqual([
      ['3 shards (1, 2, 3)', 3],
      ['shard 4', 1],
    ])
  })
})

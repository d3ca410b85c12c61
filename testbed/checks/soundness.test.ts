import { describe, expect, it } from 'vitest'
import type { Entry, EntryOf } from '../ledger/history.ts'
import { plantedHistories } from '../testing/planted-histories.ts'
import { unheard } from '../testing/planting.ts'
import { historyOf, playedHistory } from '../testing/played-history.ts'
import { checks } from './all.ts'
import type { Allowed } from './claim.ts'
import { judge } from './judge.ts'
import { lastWriterRespected } from './last-writer-respected.ts'
import { ordersTerminal } from './orders-terminal.ts'

const allowed: Allowed = { lossWindowMs: 0, ackMs: 3_000, lagOffMs: 1_000 }
const correct = playedHistory({ seed: 1, operations: 600, move: 'planned' })
const judged = (entries: readonly Entry[]) => judge(historyOf(entries), { allowed })
const without = (type: Entry['type'], entries = correct) => entries.filter((entry) => entry.type !== type)
const isRead = (entry: Entry): entry is EntryOf<'order' | 'request' | 'collected'> =>
  entry.type === 'order' || entry.type === 'request' || entry.type === 'collected'
const generator = (changes: Partial<EntryOf<'generator'>>) =>
  correct.map((entry) => (entry.type === 'generator' ? { ...entry, ...changes } : entry))
const whyOf = (entries: readonly Entry[], name: string) =>
  judged(entries).claims.find((claim) => claim.name === name)?.why ?? null

const unsound: readonly (readonly [what: string, why: RegExp, entries: readonly Entry[]])[] = [
  ['is empty', /no beginning/, []],
  ['has no operations', /too small: 0 operations/, without('op')],
  ['is too small', /too small: 1[0-9] operations/, playedHistory({ seed: 1, operations: 5 })],
  ['breaks off', /it has no end/, without('end')],
  [
    'was interrupted',
    /was interrupted/,
    correct.map((entry) => (entry.type === 'end' ? { ...entry, interrupted: true } : entry)),
  ],
  ['does not say how the generator did', /does not say/, without('generator')],
  ['comes from a generator that meant nothing', /meant to send nothing/, generator({ intended: 0 })],
  [
    'comes from a generator that was late',
    /overloaded: 980 of 1000 .*in time/,
    generator({ intended: 1_000, inTime: 980 }),
  ],
  [
    'comes from a generator that left out work',
    /overloaded: it left out 11/,
    generator({ intended: 1_000, dropped: 11 }),
  ],
]

const unwell = correct.map((entry, index) =>
  entry.type === 'op' && index % 20 === 0
    ? { ...entry, outcome: 'failed' as const, code: 'EZ_ZONE_UNREACHABLE' }
    : entry,
)

describe('a history that shows too little', () => {
  for (const [what, why, entries] of unsound)
    it(`proves nothing where it ${what}`, () => {
      const { verdict, claims, grade } = judged(entries)
      expect(verdict).toBe('unknown')
      expect(grade).toBeNull()
      for (const claim of claims) {
        expect(claim).toMatchObject({ verdict: 'unknown', counterexample: null })
        expect(claim.why).toMatch(why)
      }
    })

  it('proves nothing where all was not well before the trouble began', () => {
    for (const claim of judged(unwell).claims) expect(claim.why).toMatch(/not well before the trouble began/)
  })

  it('is believed where only what came after a fault was asked for failed', () => {
    const asked = { type: 'fault', id: 'f', kind: 'k', target: 't', phase: 'asked', atMs: 0, proven: null } as const
    expect(judged([...unwell, asked]).claims.map(({ why }) => why)).not.toContainEqual(
      expect.stringMatching(/not well/),
    )
  })

  it('of a generator within its limits is believed', () => {
    expect(judged(generator({ intended: 1_000, inTime: 990, dropped: 10 })).verdict).toBe('valid')
  })

  it('still shows what contradicts a claim for good', () => {
    const twice = plantedHistories.find(({ what }) => what === 'two requests got one id')
    const { verdict, claims } = judged(without('end', twice?.plant(correct)))
    expect(verdict).toBe('invalid')
    expect(claims.filter((claim) => claim.verdict === 'invalid').map(({ name }) => name)).toEqual(['unique-ids'])
  })

  it('does not call lost what an interrupted run had no time to bring over', () => {
    const gone = plantedHistories.find(({ what }) => what === 'an order is gone')
    expect(judged(without('end', gone?.plant(correct))).verdict).toBe('unknown')
  })

  const evidence: readonly (readonly [type: Entry['type'], claim: string, why: RegExp])[] = [
    ['compared', 'stores-converged', /nobody compared/],
    ['order', 'no-acknowledged-order-lost', /no rows of orders/],
    ['order', 'orders-terminal', /no rows of orders/],
    ['owner', 'one-owner-at-a-time', /what the table said/],
    ['acked', 'epochs-in-time', /under which version/],
    ['lag', 'lag-honest', /nobody measured/],
    ['shared', 'last-writer-respected', /conflict client/],
    ['user', 'registration-linearizable', /global database were not read/],
    ['replicated', 'nothing-applied-twice', /nobody counted/],
  ]
  for (const [type, name, why] of evidence)
    it(`leaves ${name} open without ${type} entries`, () => expect(whyOf(without(type), name)).toMatch(why))

  it('leaves open what the rows of an unread zone may have', () => {
    const unread = playedHistory({ seed: 1, operations: 600 }).filter(
      (entry) => !(isRead(entry) && entry.zone === 'sh'),
    )
    expect(whyOf(unread, 'stores-converged')).toMatch(/no rows were read of sh/)
    const stray = unread.filter((entry) => !(entry.type === 'order' && entry.bornIn === 'sh'))
    expect(whyOf(stray, 'no-acknowledged-order-lost')).toMatch(/no rows were read of sh/)
  })

  it('does not say that orders came to their end where nobody brought them there', () => {
    const lastPlaced = correct.reduce(
      (last, e) => (e.type === 'op' && e.kind === 'place' ? Math.max(last, e.sentMs) : last),
      0,
    )
    const cut = correct.filter((entry) => !(entry.type === 'op' && entry.sentMs > lastPlaced))
    expect(ordersTerminal.check(historyOf(cut), allowed).why).toMatch(/not brought to their end: of \d+ open ones 0/)
    expect(judged(cut).claims.map(({ name }) => name)).not.toContain('orders-terminal')
  })

  it('has no verdict on rows that no client wrote in several zones, unless it is asked for', () => {
    const quiet = without('shared').filter((e) => !(e.type === 'op' && (e.kind === 'change' || e.kind === 'remove')))
    expect(judged(quiet).verdict).toBe('valid')
    expect(judge(historyOf(quiet), { allowed, checks: [lastWriterRespected] }).verdict).toBe('unknown')
  })

  it('has every claim judged by what was asked, and none where none was', () => {
    expect(judge(historyOf(correct), { allowed, checks: [] }).verdict).toBe('unknown')
    const two = checks.slice(0, 2)
    expect(judge(historyOf(correct), { allowed, checks: two }).claims.map(({ name }) => name)).toEqual(
      two.map(({ name }) => name),
    )
  })
})

describe('an operation whose outcome nobody knows', () => {
  const changed = (fits: (op: EntryOf<'op'>) => boolean, ...dropped: readonly Entry['type'][]) => {
    const op = correct.find((entry) => entry.type === 'op' && fits(entry)) as EntryOf<'op'>
    return {
      op,
      entries: without('lag', correct)
        .map((e) => (e === op ? unheard(op) : e))
        .filter((e) => !dropped.includes(e.type)),
    }
  }
  const holds = (entries: readonly Entry[], name: string) =>
    judged(entries).claims.find((claim) => claim.name === name)?.verdict

  it('may be missing at the end, and may be there', () => {
    const { op, entries } = changed(({ kind, wanted }) => kind === 'place' && wanted === null)
    expect(holds(entries, 'no-acknowledged-order-lost')).toBe('valid')
    const quiet = entries.filter((e) => !(e.type === 'op' && (e.orderId === op.orderId || e.subject === op.orderId)))
    const gone = quiet.filter((e) => !((e.type === 'order' || e.type === 'request') && e.orderId === op.orderId))
    expect(holds(gone, 'no-acknowledged-order-lost')).toBe('valid')
  })

  it('may have registered the phone that others were refused for', () => {
    const { entries } = changed(({ kind, outcome }) => kind === 'register' && outcome === 'ok')
    expect(holds(entries, 'registration-linearizable')).toBe('valid')
  })

  it('may have written the row last', () => {
    const writes = Map.groupBy(
      correct.filter((e): e is EntryOf<'op'> => e.type === 'op' && (e.kind === 'change' || e.kind === 'remove')),
      ({ subject }) => subject,
    )
    const last = [...writes.values()].find((one) => one.length > 1)?.at(-1)
    const { entries } = changed((op) => op === last)
    expect(holds(entries, 'last-writer-respected')).toBe('valid')
  })
})

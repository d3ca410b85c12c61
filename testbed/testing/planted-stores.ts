import type { Entry, EntryOf, OperationEntry } from '../ledger/history.ts'
import { change, drop, find, is, isPlace, nothingFits, ops, type Planted, withRow } from './planting.ts'

const stores: readonly Planted[] = [
  {
    claim: 'stores-converged',
    what: 'a row is missing in one zone',
    tells: /order \d+: bj has .*; sh has nothing/,
    plant: (entries) => {
      const { orderId } = find(entries, isPlace)
      return drop(entries, 'order', (row) => row.orderId === orderId && row.zone === 'sh')
    },
  },
  {
    claim: 'stores-converged',
    what: 'a row differs',
    tells: /order \d+: bj has .*epoch 1.*; sh has .*epoch 9/,
    plant: (entries) => withRow(entries, find(entries, isPlace).orderId ?? '', { epoch: 9 }, 'sh'),
  },
  {
    claim: 'stores-converged',
    what: 'the comparison says so',
    tells: /3 rows of orders.orders differ between the zones/,
    plant: (entries) =>
      change(
        entries,
        'compared',
        () => true,
        (one) => ({ ...one, equal: false, differing: 3 }),
      ),
  },
]

const isShared = ({ kind }: OperationEntry) => kind === 'change' || kind === 'remove'
/** The last write of a row, of those that were written more than once. */
function lastWrite(entries: readonly Entry[]) {
  const writes = Map.groupBy(ops(entries).filter(isShared), ({ subject }) => subject)
  const chosen = [...writes.values()].find((one) => one.length > 1)
  return { last: chosen?.at(-1) ?? nothingFits('such row'), before: chosen?.at(-2) ?? nothingFits('such row') }
}
const sharedRow = (entries: readonly Entry[], key: string | null, changes: Partial<EntryOf<'shared'>>) =>
  change(
    entries,
    'shared',
    (row) => row.key === key,
    (row) => ({ ...row, ...changes }),
  )

const lastWriters: readonly Planted[] = [
  {
    claim: 'last-writer-respected',
    what: 'the older write won',
    tells: /row row-\d: .*told c1 that it .*; at the end bj has .*: (an older one|it has come back)/,
    plant: (entries) => {
      const { last, before } = lastWrite(entries)
      return sharedRow(entries, last.subject, { value: before.wanted, version: before.version })
    },
  },
  {
    claim: 'last-writer-respected',
    what: 'a removed row has come back',
    tells: /it was removed, version \d+; at the end bj has back again, version 1600: it has come back/,
    plant: (entries) => {
      const { last } = lastWrite(entries)
      const removed = change(
        entries,
        'op',
        (op) => op === last,
        (op) => ({ ...op, kind: 'remove', wanted: null, saw: null }),
      )
      return sharedRow(removed, last.subject, { value: 'back again', version: '1600' })
    },
  },
  {
    claim: 'last-writer-respected',
    what: 'a row has what nobody wrote',
    tells: /has something, version \d+, which nobody wrote/,
    plant: (entries) => {
      const { last } = lastWrite(entries)
      return sharedRow(entries, last.subject, { value: 'something', version: `9${last.version}` })
    },
  },
  {
    claim: 'last-writer-respected',
    what: 'replication kept the smaller version',
    tells: /bj kept version 100 and dropped 200, which is greater/,
    plant: (entries) => {
      const versions = { winner: '100', loser: '200' }
      return [...entries, { type: 'conflict', zone: 'bj', table: 't', key: 'row', ...versions, locked: false }]
    },
  },
]

const isRegister = ({ kind, outcome }: OperationEntry) => kind === 'register' && outcome === 'ok'
const registrations: readonly Planted[] = [
  {
    claim: 'registration-linearizable',
    what: 'two clients got the phone',
    tells: /phone \d+: .*that its user is \d+.*rival that its user is 77/,
    plant: (entries) => {
      const { subject } = find(entries, isRegister)
      const isRival = (op: OperationEntry) => op.subject === subject && op.client === 'rival'
      return change(entries, 'op', isRival, (op) => ({ ...op, outcome: 'ok', code: null, saw: '77' }))
    },
  },
  {
    claim: 'registration-linearizable',
    what: 'a registered user is gone',
    tells: /at the end it has no user/,
    plant: (entries) => {
      const { subject } = find(entries, isRegister)
      return drop(entries, 'user', ({ phone }) => phone === subject)
    },
  },
  {
    claim: 'registration-linearizable',
    what: 'somebody was refused before anybody had the phone',
    tells: /told rival that it is taken .*no order of these explains them/,
    plant: (entries) => {
      const { subject, sentMs } = find(entries, isRegister)
      const isRival = (op: OperationEntry) => op.subject === subject && op.client === 'rival'
      const before = { intendedMs: sentMs - 9, sentMs: sentMs - 9, answeredMs: sentMs - 5 }
      return change(entries, 'op', isRival, (op) => ({ ...op, ...before }))
    },
  },
]

const counted = (what: string, tells: RegExp, counts: Partial<EntryOf<'replicated'>>): Planted => ({
  ...{ claim: 'nothing-applied-twice', what, tells },
  plant: (entries) =>
    change(
      entries,
      'replicated',
      ({ source }) => source === 'bj',
      (one) => ({ ...one, ...counts }),
    ),
})
const replication: readonly Planted[] = [
  counted('a change was applied twice', /1 change of bj were applied in sh more than once/, { appliedTwice: 1 }),
  counted('a change stands in the log twice', /2 changes in the log of bj stand there more than once/, {
    repeatedInLog: 2,
  }),
  counted('changes came back', /9 changes in the log of bj .* made in another zone/, {
    repeatedInLog: 9,
    logged: 9999,
  }),
]

const lagOf = (entries: readonly Entry[], from: number, changes: readonly Partial<EntryOf<'lag'>>[]) => {
  const lane = entries.filter(is('lag')).filter(({ source }) => source === 'bj')
  const chosen = new Map(changes.map((one, index) => [lane[from + index], one]))
  return change(
    entries,
    'lag',
    (one) => chosen.has(one),
    (one) => ({ ...one, ...chosen.get(one) }),
  )
}
const lags: readonly Planted[] = [
  {
    claim: 'lag-honest',
    what: 'replication says that there is no lag',
    tells: /sh said it was 0.01 s behind bj, but a marker took 9.00 s; .*a marker took 8.00 s/,
    plant: (entries) =>
      lagOf(entries, 2, [
        { claimedMs: 10, measuredMs: 9_000 },
        { claimedMs: 10, measuredMs: 8_000 },
      ]),
  },
  {
    claim: 'lag-honest',
    what: 'it says so while nothing arrives',
    tells: /sh said it was 0.00 s behind bj, but a marker had been given up/,
    plant: (entries) => {
      const apart = change(
        entries,
        'lag',
        () => true,
        (one) => ({ ...one, atMs: one.atMs * 50 }),
      )
      return lagOf(apart, 3, [{ claimedMs: 0, measuredMs: null }])
    },
  },
  {
    claim: 'lag-honest',
    what: 'it says that it is far behind, and is not',
    tells: /sh said it was 60.00 s behind bj, but a marker took 0.04 s/,
    plant: (entries) => lagOf(entries, 1, [{ claimedMs: 60_000 }, { claimedMs: 60_000 }]),
  },
]

const epochs: readonly Planted[] = [
  {
    claim: 'epochs-in-time',
    what: 'a router never hears of a move',
    tells: /with version \d, that shard 3 is .*; edge\/router never said so: its last word is version 1/,
    options: { move: 'planned' },
    plant: (entries) =>
      drop(entries, 'acked', ({ subscriber, version }) => subscriber === 'edge/router' && version > 1),
  },
  {
    claim: 'epochs-in-time',
    what: 'a service hears of it too late',
    tells: /bj\/orders acted under it .*, 8.\d\d s later/,
    options: { move: 'planned' },
    plant: (entries) => {
      const isLate = ({ subscriber, version }: EntryOf<'acked'>) => subscriber === 'bj/orders' && version === 3
      return change(entries, 'acked', isLate, (one) => ({ ...one, atMs: one.atMs + 8_000 }))
    },
  },
  {
    claim: 'epochs-in-time',
    what: 'a zone that was cut off does not hear of it after the heal',
    tells: /sh\/orders never said so/,
    options: { move: 'takeover' },
    plant: (entries) => drop(entries, 'acked', ({ place, version }) => place === 'sh' && version > 2),
  },
]

/** What can go wrong with stores, replication and the table. */
export const plantedInStores: readonly Planted[] = [
  ...[...stores, ...lastWriters, ...registrations, ...replication, ...lags, ...epochs],
]

import type { Entry, EntryOf, OperationEntry } from '../ledger/history.ts'
import { operation, type PlayedOptions } from './played-history.ts'

/** Something that goes wrong in an otherwise correct run, and the one claim that must find it. */
export interface Planted {
  readonly claim: string
  readonly what: string
  /** In the counterexample, so that a person finds it. */
  readonly tells: RegExp
  readonly options?: Partial<PlayedOptions>
  readonly plant: (entries: readonly Entry[]) => readonly Entry[]
}

type Type = Entry['type']

const is =
  <T extends Type>(type: T) =>
  (entry: Entry): entry is EntryOf<T> =>
    entry.type === type
const ops = (entries: readonly Entry[]) => entries.filter(is('op'))

/** Replaces every entry of a type that fits; at least one must. */
function change<T extends Type>(
  entries: readonly Entry[],
  type: T,
  fits: (entry: EntryOf<T>) => boolean,
  changed: (entry: EntryOf<T>) => Entry | null,
): readonly Entry[] {
  let changes = 0
  const result = entries.flatMap((entry) => {
    if (!is(type)(entry) || !fits(entry)) return [entry]
    changes++
    return changed(entry) ?? []
  })
  return changes > 0 ? result : nothingFits(`${type} to change`)
}

function nothingFits(what: string): never {
  throw new TypeError(`the played history has no ${what}`)
}

const drop = <T extends Type>(entries: readonly Entry[], type: T, fits: (entry: EntryOf<T>) => boolean) =>
  change(entries, type, fits, () => null)

function find(entries: readonly Entry[], fits: (op: OperationEntry) => boolean): OperationEntry {
  return ops(entries).find(fits) ?? nothingFits('such operation')
}

const isPlace = ({ kind, outcome }: OperationEntry) => kind === 'place' && outcome === 'ok'
const lastStep = (state: string) => (op: OperationEntry) => op.kind === 'advance' && op.wanted === state
const afterMove = (op: OperationEntry) => op.shard === 3 && op.epoch === 3 && op.kind === 'advance'
const withRow = (entries: readonly Entry[], orderId: string, changes: Partial<EntryOf<'order'>>, zone?: string) =>
  change(
    entries,
    'order',
    (row) => row.orderId === orderId && (zone === undefined || row.zone === zone),
    (row) => ({ ...row, ...changes }),
  )
/** A second look at what an operation has shown. */
const looked = (entries: readonly Entry[], op: OperationEntry, changes: Partial<OperationEntry>) => [
  ...entries,
  { ...op, kind: 'read', key: null, subject: op.orderId ?? op.subject, wanted: null, ...changes } as const,
]
const later = (op: OperationEntry, byMs: number) => ({
  ...{ intendedMs: op.answeredMs + byMs, sentMs: op.answeredMs + byMs, answeredMs: op.answeredMs + byMs + 5 },
})

const lost: readonly Planted[] = [
  {
    claim: 'no-acknowledged-order-lost',
    what: 'an order is gone',
    tells: /the order was placed, version \d+; at the end no zone has it/,
    plant: (entries) => {
      const { orderId } = find(entries, isPlace)
      const rest = drop(entries, 'order', (row) => row.orderId === orderId)
      return drop(rest, 'request', (row) => row.orderId === orderId)
    },
  },
  {
    claim: 'no-acknowledged-order-lost',
    what: 'the last step of an order is undone in every zone',
    tells: /it is cancelled, version \d+; at the end the newest row, in .., is created/,
    options: { operations: 900 },
    plant: (entries) => {
      const { orderId } = find(entries, lastStep('cancelled'))
      const version = find(entries, (op) => isPlace(op) && op.orderId === orderId).version ?? ''
      // Nobody is to be told of an order that is open as well.
      return withRow(entries, orderId ?? '', { state: 'created', version, locked: true })
    },
  },
  {
    claim: 'no-acknowledged-order-lost',
    what: 'a takeover lost an order for good',
    tells: /no zone has it/,
    options: { move: 'takeover' },
    plant: (entries) => {
      const { orderId } = find(entries, (op) => isPlace(op) && op.shard === 3)
      const rest = drop(entries, 'order', (row) => row.orderId === orderId)
      return drop(rest, 'request', (row) => row.orderId === orderId)
    },
  },
]

const ids: readonly Planted[] = [
  {
    claim: 'unique-ids',
    what: 'two requests got one id',
    tells: /the id \d+ was given to two orders: .*for its request k\d+; .*another got order \d+ for its request other/,
    plant: (entries) => [...entries, { ...find(entries, isPlace), key: 'other', client: 'another' }],
  },
  {
    claim: 'unique-ids',
    what: 'one request made two orders',
    tells: /the request k\d+ made two orders/,
    plant: (entries) => {
      const { key, orderId } = find(entries, isPlace)
      const second = String(BigInt(orderId ?? '0') + 2n ** 50n)
      // Every zone has it: they agree in what is wrong.
      return change(
        entries,
        'request',
        (one) => one.key === key,
        (one) => ({ ...one, orderId: second }),
      )
    },
  },
  {
    claim: 'unique-ids',
    what: 'a zone gives ids of another one',
    tells: /was made in sh, but its id says zone 1: the space of bj/,
    plant: (entries) => {
      const order = find(entries, (op) => isPlace(op) && op.zone === 'bj')
      const wrong = (entry: Entry) =>
        is('op')(entry) && entry.key === order.key
          ? { ...entry, zone: 'sh', epoch: null }
          : is('order')(entry) && entry.orderId === order.orderId
            ? { ...entry, bornIn: 'sh' }
            : entry
      return entries.map(wrong)
    },
  },
]

const states: readonly Planted[] = [
  {
    claim: 'order-states-monotone',
    what: 'an order goes back',
    tells: /showed c\d cancelled, version \d+; .* showed c\d created, version \d+: the version went back/,
    plant: (entries) => {
      const end = find(entries, lastStep('cancelled'))
      const begin = find(entries, (op) => isPlace(op) && op.orderId === end.orderId)
      return looked(entries, begin, later(end, 50))
    },
  },
  {
    claim: 'order-states-monotone',
    what: 'a greater version has an earlier state',
    tells: /delivered cannot become paid/,
    plant: (entries) => {
      const end = find(entries, lastStep('delivered'))
      const version = `${BigInt(end.version ?? '0') + 16n}`
      const shown = looked(entries, end, { ...later(end, 50), saw: 'paid', version })
      return withRow(shown, end.orderId ?? '', { version: `${BigInt(version) + 16n}` })
    },
  },
  {
    claim: 'order-states-monotone',
    what: 'one version shows two states',
    tells: /cannot become/,
    plant: (entries) => {
      const step = find(entries, lastStep('accepted'))
      return looked(entries, step, { saw: 'pickedUp' })
    },
  },
]

const owners: readonly Planted[] = [
  {
    claim: 'one-owner-at-a-time',
    what: 'the old owner writes after a planned move',
    tells: /by zone sh \(shard 3, epoch 1\).*the table had said (DRAINING in sh|ACTIVE in bj)/,
    options: { move: 'planned' },
    plant: (entries) => {
      const one = find(entries, afterMove)
      return change(
        entries,
        'op',
        (op) => op === one,
        (op) => ({ ...op, zone: 'sh', epoch: 1 }),
      )
    },
  },
  {
    claim: 'one-owner-at-a-time',
    what: 'the old owner writes after a takeover',
    tells: /by zone sh \(shard 3, epoch 1\).*the table had said ACTIVE in bj, epoch 3/,
    options: { move: 'takeover' },
    plant: (entries) => {
      const one = find(entries, afterMove)
      return change(
        entries,
        'op',
        (op) => op === one,
        (op) => ({ ...op, zone: 'sh', epoch: 1 }),
      )
    },
  },
  {
    claim: 'one-owner-at-a-time',
    what: 'a zone that never had the shard writes',
    tells: /under epoch 1 it was ACTIVE in bj/,
    plant: (entries) => {
      const one = find(entries, (op) => op.kind === 'advance' && op.zone === 'bj')
      return change(
        entries,
        'op',
        (op) => op === one,
        (op) => ({ ...op, zone: 'sh' }),
      )
    },
  },
  {
    claim: 'one-owner-at-a-time',
    what: 'two owners wrote one order and nobody keeps it in doubt',
    tells: /wrote it too .*neither locked nor among the conflicts/,
    options: { move: 'takeover', policy: 'available' },
    plant: (entries) => {
      const fault = entries.find(is('fault'))
      const during = (op: OperationEntry) => afterMove(op) && op.sentMs < (fault?.atMs ?? 0) + 3_000
      const one = find(entries, during)
      const lasting = change(
        entries,
        'fault',
        ({ phase }) => phase === 'ended',
        (end) => ({ ...end, atMs: end.atMs + 9_000 }),
      )
      // Its twin of the other zone came first, so nothing went back.
      return [...lasting, { ...one, key: 'twin', zone: 'sh', epoch: 1 }]
    },
  },
]

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
  counted('a change stands in the log twice', /2 changes of bj stand in its log more than once/, { repeatedInLog: 2 }),
  counted('changes came back', /the log of bj has 9999 changes, but only \d+ were made there/, { logged: 9999 }),
]

const riders: readonly Planted[] = [
  {
    claim: 'one-rider-per-order',
    what: 'an order has two riders',
    tells: /had two riders: .*showed \d+; .*showed 99/,
    plant: (entries) => looked(entries, find(entries, lastStep('assigned')), { riderId: '99' }),
  },
  {
    claim: 'one-rider-per-order',
    what: 'the rider at the end is another one',
    tells: /had two riders: .*; at the end .. showed 99/,
    plant: (entries) => withRow(entries, find(entries, lastStep('pickedUp')).orderId ?? '', { riderId: '99' }),
  },
  {
    claim: 'one-rider-per-order',
    what: 'a rider has two orders at once',
    tells: /rider 99 had two orders at once: order \d+ from .*; order \d+ from/,
    plant: (entries) => {
      const [one, other] = ops(entries).filter(lastStep('assigned'))
      const both = new Set([one?.orderId, other?.orderId])
      const found = [one, other].map((op) => op ?? nothingFits('two assigned orders'))
      // Somebody sees both still being carried, long after both were given to the rider.
      const seen = found.map((op) => ({ ...later(found[1] ?? op, 100), op }))
      const shown = seen.reduce<readonly Entry[]>((all, { op, ...when }) => looked(all, op, when), entries)
      const ofBoth = (id: string | null) => id !== null && both.has(id)
      const quiet = drop(
        shown,
        'op',
        (op) => ofBoth(op.orderId) && (op.wanted === 'pickedUp' || op.wanted === 'delivered'),
      )
      const named = change(
        quiet,
        'op',
        (op) => ofBoth(op.orderId) && op.riderId !== null,
        (op) => ({ ...op, riderId: '99' }),
      )
      const still = named.filter(
        (entry) => !is('op')(entry) || !ofBoth(entry.orderId) || !['pickedUp', 'delivered'].includes(entry.saw ?? ''),
      )
      return change(
        still,
        'order',
        ({ orderId }) => ofBoth(orderId),
        (row) => ({ ...row, riderId: '99' }),
      )
    },
  },
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

/** Its last step never happens. */
function withoutEnd(entries: readonly Entry[], end: string, before: string): readonly Entry[] {
  const chosen = ops(entries).findLast(lastStep(end)) ?? nothingFits('order that ends')
  const earlier = find(entries, (op) => op.orderId === chosen.orderId && op.saw === before && op.kind !== 'read')
  const rest = drop(entries, 'op', (op) => op.orderId === chosen.orderId && op.saw === end)
  return withRow(rest, chosen.orderId ?? '', {
    state: before,
    version: earlier.version ?? '',
    epoch: earlier.epoch ?? 1,
  })
}
const ends: readonly Planted[] = [
  {
    claim: 'orders-terminal',
    what: 'an order stays with its rider',
    tells: /acknowledged at .*is still pickedUp .*and not locked/,
    plant: (entries) => withoutEnd(entries, 'delivered', 'pickedUp'),
  },
  {
    claim: 'orders-terminal',
    what: 'an order is never paid nor cancelled',
    tells: /is still created/,
    plant: (entries) => withoutEnd(entries, 'cancelled', 'created'),
  },
  {
    claim: 'orders-terminal',
    what: 'an order stays behind after a takeover',
    tells: /is still pickedUp/,
    options: { move: 'takeover' },
    plant: (entries) => withoutEnd(entries, 'delivered', 'pickedUp'),
  },
]

export const plantedHistories: readonly Planted[] = [
  ...[...lost, ...ids, ...states, ...owners, ...stores, ...lastWriters],
  ...[...registrations, ...replication, ...riders, ...lags, ...epochs, ...ends],
]

/** A client that never heard how it went. */
export const unheard = (op: OperationEntry): OperationEntry =>
  operation({
    ...op,
    outcome: 'unknown',
    saw: null,
    version: null,
    orderId: null,
    riderId: null,
    code: 'EZ_OUTCOME_UNKNOWN',
  })

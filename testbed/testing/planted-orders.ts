import type { Entry, OperationEntry } from '../ledger/history.ts'
import {
  afterMove,
  change,
  drop,
  find,
  is,
  isPlace,
  lastStep,
  later,
  looked,
  nothingFits,
  ops,
  type Planted,
  withRow,
} from './planting.ts'

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

const atSwitch: readonly Planted[] = (['planned', 'takeover'] as const).map((move) => ({
  claim: 'no-acknowledged-order-lost',
  what: `a new owner does not have an order yet (${move})`,
  tells: /the order was placed, version \d+; at .* s its shard was given to bj, which did not have it/,
  options: { move },
  plant: (entries) => {
    const { orderId, answeredMs } = find(entries, (op) => isPlace(op) && op.shard === 3 && op.epoch === 1)
    const told = { zone: 'bj', shards: [3], acknowledged: 20, orderIds: [orderId ?? ''] }
    return [...entries, { type: 'missing', atMs: answeredMs + 1_000, ...told }]
  },
}))

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

const byTheOldOwner: Planted['plant'] = (entries) => {
  const one = find(entries, afterMove)
  return change(
    entries,
    'op',
    (op) => op === one,
    (op) => ({ ...op, zone: 'sh', epoch: 1 }),
  )
}

const owners: readonly Planted[] = [
  {
    claim: 'one-owner-at-a-time',
    what: 'the old owner writes after a planned move',
    tells: /by zone sh \(shard 3, epoch 1\).*the table had said (DRAINING in sh|ACTIVE in bj)/,
    options: { move: 'planned' },
    plant: byTheOldOwner,
  },
  {
    claim: 'one-owner-at-a-time',
    what: 'the old owner writes after a takeover',
    tells: /by zone sh \(shard 3, epoch 1\).*the table had said ACTIVE in bj, epoch 3/,
    options: { move: 'takeover' },
    plant: byTheOldOwner,
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

/** What can go wrong with orders, ids, owners and riders. */
export const plantedInOrders: readonly Planted[] = [
  ...lost,
  ...atSwitch,
  ...ids,
  ...states,
  ...owners,
  ...riders,
  ...ends,
]

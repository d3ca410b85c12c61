import { describe, expect, it } from 'vitest'
import type { Entry, EntryOf } from '../ledger/history.ts'
import { historyOf, playedHistory } from '../testing/played-history.ts'
import { judge } from './judge.ts'

const operations = 600
const taken = (policy: 'available' | 'strict') => playedHistory({ seed: 3, operations, move: 'takeover', policy })

type Op = EntryOf<'op'>
const isOp = (entry: Entry): entry is Op => entry.type === 'op'
const verdictOf = (entries: readonly Entry[], name: string, lossWindowMs = 0) =>
  judge(historyOf(entries), { allowed: { lossWindowMs, ackMs: 1_000, lagOffMs: 1_000 } }).claims.find(
    (claim) => claim.name === name,
  )

describe('a zone that is lost with what it had not sent', () => {
  const name = 'no-acknowledged-order-lost'
  const fault = taken('strict').find((entry) => entry.type === 'fault')?.atMs ?? 0
  const placedBefore = (ms: number) =>
    taken('strict')
      .filter(isOp)
      .filter(
        ({ kind, shard, zone, answeredMs }) => kind === 'place' && shard === 3 && zone === 'sh' && answeredMs < ms,
      )
  /** sh is never seen again, and nobody has that order. */
  const lost = (order: Op | undefined) =>
    taken('strict').filter((entry) => {
      if (entry.type === 'collected' && entry.zone === 'sh') return false
      const isRow = entry.type === 'order' || entry.type === 'request'
      if (isRow && (entry.zone === 'sh' || entry.orderId === order?.orderId)) return false
      // After the takeover nobody could go on with it.
      return !(isOp(entry) && (entry.orderId ?? entry.subject) === order?.orderId && entry.zone === 'bj')
    })

  it('may take the last acknowledged orders of a declared window with it', () => {
    const order = placedBefore(fault).at(-1)
    expect(verdictOf(lost(order), name, 60_000)?.verdict).toBe('valid')
  })

  it('may take none where no window was declared, or that were acknowledged before', () => {
    expect(verdictOf(lost(placedBefore(fault).at(-1)), name, 0)).toMatchObject({ verdict: 'invalid' })
    const early = placedBefore(fault - 1_000)[0]
    expect(verdictOf(lost(early), name, 100)).toMatchObject({ verdict: 'invalid', ids: [early?.orderId] })
  })

  it('must have everything once it is back', () => {
    const order = placedBefore(fault).at(-1)
    const back = lost(order).concat(
      taken('strict').filter(
        (e) => (e.type === 'order' && e.zone === 'sh' && e.orderId !== order?.orderId) || e.type === 'collected',
      ),
    )
    expect(verdictOf(back, name, 60_000)?.verdict).toBe('invalid')
  })
})

describe('two owners at once, under the policy `available`', () => {
  const name = 'one-owner-at-a-time'
  /** An order that bj has gone on with after the takeover; sh, cut off, wrote it too. */
  function twins(changes: { readonly lockedIn?: string; readonly conflict?: boolean; readonly policy?: 'strict' }) {
    const entries = taken(changes.policy ?? 'available')
    const fault = entries.find((entry) => entry.type === 'fault')
    const isChosen = (op: Op) =>
      op.kind === 'advance' && op.shard === 3 && op.epoch === 3 && op.sentMs > (fault?.atMs ?? 0)
    const chosen = entries.filter(isOp).find(isChosen)
    const lasting = entries.map((entry): Entry => {
      if (entry.type === 'fault' && entry.phase === 'ended') return { ...entry, atMs: entry.atMs + 5_000 }
      const isLocked = entry.type === 'order' && entry.zone === changes.lockedIn && entry.orderId === chosen?.orderId
      return isLocked ? { ...entry, locked: true } : entry
    })
    const twin: Op = { ...(chosen as Op), key: 'twin', zone: 'sh', epoch: 1 }
    const conflict: EntryOf<'conflict'> = {
      ...{ type: 'conflict', zone: 'bj', table: 'orders.orders', key: chosen?.orderId ?? '', locked: false },
      ...{ winner: '200', loser: '100' },
    }
    return [...lasting, twin, ...(changes.conflict === true ? [conflict] : [])]
  }

  it('is forgiven where the order is locked', () => {
    expect(verdictOf(twins({ lockedIn: 'bj' }), name)?.verdict).toBe('valid')
  })

  it('is forgiven where the loser is on record', () => {
    expect(verdictOf(twins({ conflict: true }), name)?.verdict).toBe('valid')
  })

  it('is not forgiven where nobody is told', () => {
    const claim = verdictOf(twins({}), name)
    expect(claim?.counterexample).toMatch(/^order \d+ was made \w+ by zone sh .*wrote it too/)
  })

  it('is no doubt where the new owner went on with it after the cut', () => {
    const fault = taken('available').find((entry) => entry.type === 'fault')
    const later = twins({}).map((entry): Entry => {
      if (entry.type === 'fault' && entry.phase === 'ended') return { ...entry, atMs: (fault?.atMs ?? 0) + 1 }
      return entry
    })
    const claim = verdictOf(later, name)
    expect(claim?.counterexample ?? '').not.toContain('wrote it too')
  })

  it('is none where the new owner went on with what had come to it', () => {
    const entries = taken('available')
    const isStep = (op: Op) => op.kind === 'advance' && op.shard === 3 && op.epoch === 3
    const next =
      entries.filter(isOp).find((op) => isStep(op) && op.wanted === 'paid') ??
      expect.fail('nobody went on with an order')
    const isPlace = (op: Op) => op.kind === 'place' && op.orderId === next.orderId
    // Placed by the cut-off zone just before the new owner went on with it, while the end of the cut is not proven yet.
    const moved = entries.map((entry): Entry => {
      if (entry.type === 'fault' && entry.phase === 'ended') return { ...entry, atMs: entry.atMs + 9_000 }
      return isOp(entry) && isPlace(entry) ? { ...entry, zone: 'sh', epoch: 1 } : entry
    })
    expect(verdictOf(moved, name)?.verdict).toBe('valid')
  })

  it('is never forgiven under `strict`', () => {
    expect(verdictOf(twins({ lockedIn: 'bj', conflict: true, policy: 'strict' }), name)?.verdict).toBe('invalid')
  })

  it('is not forgiven without a fault that cuts the old owner off', () => {
    const healed = twins({ lockedIn: 'bj' }).filter(({ type }) => type !== 'fault')
    expect(verdictOf(healed, name)?.counterexample).toMatch(/no fault was in force/)
  })
})

describe('who hears of a table', () => {
  const name = 'epochs-in-time'
  const planned = playedHistory({ seed: 3, operations, move: 'planned' })
  const movedAtMs = planned.filter((entry) => entry.type === 'owner').find(({ epoch }) => epoch > 1)?.atMs ?? 0
  const late = (byMs: number) =>
    planned.map((entry) =>
      entry.type === 'acked' && entry.place === 'sh' && entry.version > 1
        ? { ...entry, atMs: entry.atMs + byMs }
        : entry,
    )
  const fault = (kind: string, target: string): readonly Entry[] => [
    { type: 'fault', id: 'f', kind, target, phase: 'in-force', atMs: movedAtMs - 50, proven: true },
    { type: 'fault', id: 'f', kind, target, phase: 'ended', atMs: movedAtMs + 5_000, proven: true },
  ]

  it('may hear of it after its fault, and then in time', () => {
    expect(verdictOf(late(5_500), name)?.verdict).toBe('invalid')
    for (const [kind, target] of [
      ['isolate', 'sh'],
      ['pause', 'sh/orders'],
      ['gzs-loss', 'all'],
    ] as const) {
      expect(verdictOf([...late(5_500), ...fault(kind, target)], name)?.verdict).toBe('valid')
      expect(verdictOf([...late(6_500), ...fault(kind, target)], name)?.verdict).toBe('invalid')
    }
  })

  it('is not excused by a fault of something else', () => {
    for (const [kind, target] of [
      ['isolate', 'bj'],
      ['pause', 'sh/mysql'],
      ['latency', 'sh'],
      ['partition', 'bj-sh'],
    ] as const)
      expect(verdictOf([...late(5_500), ...fault(kind, target)], name)?.verdict).toBe('invalid')
  })
})

describe('the lag of replication', () => {
  it('may be off once, while a backlog gets shorter', () => {
    const entries = taken('strict')
    const lane = entries.filter((entry) => entry.type === 'lag' && entry.source === 'bj')
    const off = entries.map((entry) => (entry === lane[3] ? { ...lane[3], claimedMs: 10, measuredMs: 9_000 } : entry))
    expect(verdictOf(off as readonly Entry[], 'lag-honest')?.verdict).toBe('valid')
  })

  it('may not be told at all, or be as long as nothing arrived', () => {
    const silent = (claimedMs: number | null) =>
      taken('strict').map((entry) =>
        entry.type === 'lag' ? { ...entry, atMs: entry.atMs * 40, claimedMs, measuredMs: null } : entry,
      )
    expect(verdictOf(silent(11_000), 'lag-honest')?.verdict).toBe('valid')
    expect(verdictOf(silent(null), 'lag-honest')?.verdict).toBe('unknown')
  })
})

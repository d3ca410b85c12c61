import type { Cell, Division } from '@ezone/sdk/model'
import { demand } from '../demand/demand.ts'
import { type Random, seeded, weighted } from '../demand/random.ts'

export const mixedKinds = ['place', 'advance', 'read', 'register'] as const
export type MixedKind = (typeof mixedKinds)[number]
export type LedgerMix = Readonly<Record<MixedKind, number>>

/** An order placed needs two more operations on average until it has ended, and some of them are looked at between. */
export const defaultMix: LedgerMix = { place: 30, advance: 50, read: 15, register: 5 }

/**
 * How an order shall end. `abandoned`: cancelled before it is paid; `refunded`: after; `delivered`: accepted, given a
 * rider by dispatch, brought. Each is drawn when the order is placed.
 */
export const fates = ['abandoned', 'refunded', 'delivered'] as const
export type Fate = (typeof fates)[number]
const fateShares: Readonly<Record<Fate, number>> = { abandoned: 50, refunded: 20, delivered: 30 }

/** Who asks: somebody outside, or a merchant's tablet inside a zone. */
export interface Seat {
  /** The zone it sits in; null for clients of the edge. */
  readonly inside: string | null
  /** Where its orders may be placed. */
  readonly cells: readonly Cell[]
}

/** What one operation is to be, as far as chance decides. The rest depends on what was acknowledged by then. */
export interface PlannedOperation {
  readonly index: number
  readonly kind: MixedKind
  /** Number of the seat. */
  readonly seat: number
  /** Where an order is placed or a user registers, and what the order is. */
  readonly cell: Cell
  readonly amountFen: number
  readonly fate: Fate
  /** 0 up to 1: which of the orders known by then is read. */
  readonly chosen: number
  /** Number of the phone that is registered: its operation's own, or that of the one right before it, which is its rival. */
  readonly phone: number
}

export interface PlanOptions {
  /** Clients of the edge, then those inside zones. */
  readonly seats: readonly Seat[]
  /** Of all operations so many come from inside the zones, 0 up to 1. */
  readonly insideShare: number
  readonly divisions: readonly Division[]
  /** By division the city that has riders: what is to be delivered is placed there. */
  readonly hubs: ReadonlyMap<string, Cell>
  readonly mix: LedgerMix
  readonly seed: number
}

/**
 * Of the orders so many are placed where people are; the rest in every division as often, however few live there: a shard
 * that nobody asks says nothing about when it was back.
 */
const peopledShare = 0.5
/** Of registrations so many meet a rival that wants the same phone at the same time. */
const rivalShare = 0.3

/**
 * The operations of a run. Each depends on the seed and its own number alone, so one that was never sent does not change
 * those after it. Pure.
 */
export function planOperations(options: PlanOptions): (index: number) => PlannedOperation {
  const { seats, insideShare, divisions, hubs, mix, seed } = options
  const kindOf = weighted(mixedKinds, (kind) => mix[kind])
  const fateOf = weighted(fates, (fate) => fateShares[fate])
  const draws = seats.map(({ cells }) => demand(divisions, cells))
  const spread = seats.map(({ cells }) => evenly(cells))
  const isEdge = (seat: number) => seats[seat]?.inside === null
  const edges = seats.flatMap((_, seat) => (isEdge(seat) ? [seat] : []))
  const tablets = seats.flatMap((_, seat) => (isEdge(seat) ? [] : [seat]))

  const draw = (index: number): PlannedOperation & { readonly meetsRival: boolean } => {
    const random = seeded(mixed(seed, index))
    const kind = kindOf(random)
    const inside = random() < insideShare && tablets.length > 0 && kind !== 'register'
    const among = inside ? tablets : edges
    const seat = among[Math.floor(random() * among.length)] ?? 0
    const { cell: peopled, amountFen } = draws[seat]?.(random) ?? noSeat()
    const city = random() < peopledShare ? peopled : (spread[seat]?.(random) ?? peopled)
    const [fate, chosen, meetsRival] = [fateOf(random), random(), random() < rivalShare]
    const cell = fate === 'delivered' ? (hubs.get(city.division) ?? city) : city
    return { index, kind, seat, cell, amountFen, fate, chosen, phone: index, meetsRival }
  }
  const isRival = (index: number): boolean => {
    if (index === 0) return false
    const before = draw(index - 1)
    return before.kind === 'register' && before.meetsRival && !isRival(index - 1)
  }
  return (index) => {
    const { meetsRival: _, ...planned } = draw(index)
    if (!isRival(index)) return planned
    // Drawn again among the edge's cells: what was to be a tablet's operation may have been of one zone alone.
    const edge = edges[0] ?? 0
    const { cell } = draws[edge]?.(seeded(mixed(seed, -index - 1))) ?? noSeat()
    return { ...planned, kind: 'register', seat: edge, cell, phone: index - 1 }
  }
}

/** Every division as often, and in it every city. */
function evenly(cells: readonly Cell[]): (random: Random) => Cell | undefined {
  const divisions = [...Map.groupBy(cells, ({ division }) => division).values()]
  const among = <T>(all: readonly T[], random: Random) => all[Math.floor(random() * all.length)]
  return (random) => among(among(divisions, random) ?? [], random)
}

/** Of each division its greatest city. */
export function hubsOf(cells: readonly Cell[]): ReadonlyMap<string, Cell> {
  const hubs = new Map<string, Cell>()
  for (const cell of cells)
    if (cell.population > (hubs.get(cell.division)?.population ?? -1)) hubs.set(cell.division, cell)
  return hubs
}

function noSeat(): never {
  throw new TypeError('nobody is there who could ask')
}

/** Neighbouring numbers must not draw alike: the finaliser of MurmurHash3, which changes half of all bits. */
function mixed(seed: number, index: number): number {
  let h = Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

import type { History } from '../ledger/history.ts'
import { type GradeThreshold, gradeThresholds, type ThresholdGrade } from '../topology/grades.ts'
import type { ClaimResult } from './claim.ts'
import type { Measures } from './measures.ts'
import { stuckOrders } from './orders-terminal.ts'
import { bucketed } from './series.ts'
import { isOfOrders } from './served.ts'
import { whyVoid } from './soundness.ts'

export const grades = ['P0', 'P1', 'P2', 'P3', 'P4', 'P5'] as const
export type Grade = (typeof grades)[number]

/** Whatever reaches one of these has this grade at best; what is nothing at all reaches none. */
export interface Grading extends GradeThreshold {
  readonly grade: Grade
}

/** The worst first: as the topology of a testbed has them, or by default. */
export const gradingsOf = (
  thresholds: Readonly<Record<ThresholdGrade, GradeThreshold>> = gradeThresholds,
): readonly Grading[] => grades.flatMap((grade) => (grade === 'P5' ? [] : [{ grade, ...thresholds[grade] }]))

/** One of the things a run is graded by. */
export interface Axis {
  readonly name: 'order-loss' | 'core-flow-down' | 'lost-acknowledged' | 'wrong-data' | 'stuck'
  readonly grade: Grade
  /** A share or milliseconds; null where it is a matter of claims. */
  readonly value: number | null
}

/** A claim that does not hold is wrong data, whatever the figures say. */
const gradeOfClaim: Readonly<Record<string, Grade>> = {
  'one-owner-at-a-time': 'P0',
  'unique-ids': 'P0',
  'registration-linearizable': 'P0',
  'one-rider-per-order': 'P0',
  'last-writer-respected': 'P1',
  'nothing-applied-twice': 'P1',
  'order-states-monotone': 'P1',
  'stores-converged': 'P2',
}

/** Of acknowledged orders that are missing for a while, more than this share is a grade worse. */
const missedShareMax = 0.001
const worstMs = 300_000
/** A zone is down in a second in which fewer of its operations than this were served. */
const upShareMin = 0.5

export interface Gradable {
  readonly history: History
  readonly claims: readonly ClaimResult[]
  readonly measures: Measures
}

/** The grade is that of the worst axis; null where the run shows too little to say. */
export function gradeOf(run: Gradable, thresholds: readonly Grading[] = gradingsOf()) {
  const graded = (value: number, of: Exclude<keyof Grading, 'grade'>): Grade =>
    thresholds.find((one) => value > 0 && value >= one[of])?.grade ?? 'P5'
  const [loss, down, stuck] = [orderLoss(run.history), downMs(run.history), stuckShare(run)]
  const axes: readonly Axis[] = [
    { name: 'order-loss', grade: graded(loss, 'orderLoss'), value: loss },
    { name: 'core-flow-down', grade: graded(down, 'downMs'), value: down },
    lostAcknowledged(run),
    { name: 'wrong-data', grade: wrongData(run.claims), value: null },
    { name: 'stuck', grade: graded(stuck, 'stuck'), value: stuck },
  ]
  const worst = axes.map(({ grade }) => grade).toSorted()[0] ?? null
  return { grade: whyVoid(run.history) === null ? worst : null, axes }
}

/** Five minutes are the unit: a run that is shorter counts as the only trouble in them. */
function orderLoss({ op }: History): number {
  const done = new Set(
    op.flatMap(({ kind, outcome, key }) => (kind === 'place' && outcome === 'ok' ? (key ?? []) : [])),
  )
  const requests = new Map<string, number>()
  for (const { kind, key, intendedMs } of op)
    if (kind === 'place' && key !== null && !requests.has(key)) requests.set(key, intendedMs)
  if (requests.size === 0) return 0
  const times = [...requests].map(([key, atMs]) => ({ atMs, lost: !done.has(key) })).toSorted((a, b) => a.atMs - b.atMs)
  const spanMs = Math.max(1_000, (times.at(-1)?.atMs ?? 0) - (times[0]?.atMs ?? 0))
  const perWindow = (times.length / spanMs) * worstMs
  let [first, lost, most] = [0, 0, 0]
  for (const { atMs, lost: isLost } of times) {
    if (isLost) lost++
    for (let old = times[first]; old !== undefined && old.atMs <= atMs - worstMs; old = times[++first])
      if (old.lost) lost--
    most = Math.max(most, lost)
  }
  return most / perWindow
}

/** By the zone a shard was in at the beginning: its people do not care who serves them now. */
function downMs(history: History): number {
  const home = new Map(history.begin[0]?.shards.map(({ shard, zone }) => [shard, zone]))
  const zones = Map.groupBy(
    history.op.filter((op) => isOfOrders(op) && op.inside === null),
    ({ shard }) => (shard === null ? '' : (home.get(shard) ?? '')),
  )
  const stretches = [...zones].flatMap(([zone, ops]) => {
    if (zone === '') return []
    const { intended, served } = bucketed(zone, ops)
    let [longest, now] = [0, 0]
    for (const [second, count] of intended.entries()) {
      // Nobody asked: it goes on as it was.
      if (count > 0) now = (served[second] ?? 0) < count * upShareMin ? now + 1 : 0
      longest = Math.max(longest, now)
    }
    return [longest * 1_000]
  })
  return Math.max(0, ...stretches)
}

function lostAcknowledged({ claims, measures }: Gradable): Axis {
  const { acknowledged, rpoOrders } = measures
  const value = acknowledged === 0 ? 0 : rpoOrders.length / acknowledged
  const isBroken = claims.some(({ name, verdict }) => name === 'no-acknowledged-order-lost' && verdict === 'invalid')
  const grade = isBroken ? 'P0' : value === 0 ? 'P5' : value > missedShareMax ? 'P1' : 'P2'
  return { name: 'lost-acknowledged', grade, value }
}

function wrongData(claims: readonly ClaimResult[]): Grade {
  const broken = claims.filter(({ verdict }) => verdict === 'invalid').map(({ name }) => gradeOfClaim[name] ?? 'P5')
  return broken.toSorted()[0] ?? 'P5'
}

/** Only where the run went on until its orders had ended. */
function stuckShare({ history, measures }: Gradable): number {
  const stuck = stuckOrders(history)
  return stuck === null || measures.acknowledged === 0 ? 0 : stuck.length / measures.acknowledged
}

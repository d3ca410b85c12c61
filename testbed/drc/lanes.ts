import { EzoneError } from '@ezone/sdk/errors'
import type { DrcRole } from '@ezone/sdk/model'
import type { DrcFacts, Instance, Place } from './facts.ts'

/** One way that changes take: into the log of the zone they were made in, or from there into another zone. */
export interface Lane {
  readonly role: DrcRole['role']
  /** Whose changes it carries. */
  readonly source: string
  /** Where it works: the source itself for a relay. */
  readonly zone: string
  /** `vacant`: every instance answers and none has the role. `unknown`: one that does not answer may have it. */
  readonly state: DrcRole['state'] | 'vacant' | 'unknown'
  /** The instance that has the role, such as `bj-1`. */
  readonly holder: string | null
  /** Instances that would take over. */
  readonly standbys: readonly string[]
  /** Last transaction that is logged, or applied; an applier's as the database it writes to has it. */
  readonly position: Place | null
  /** Newest transaction that was made at the source, as its own database has it. */
  readonly head: Place | null
  /** Transactions between the two; null where one of them is not known. */
  readonly behind: number | null
  /** When the last one that was logged or applied had been committed; null before the first since the holder began. */
  readonly newestAtMs: number | null
  /** Since when the target has not caught up, at most: how old its newest change is; 0 where nothing is missing. */
  readonly ageMs: number | null
  readonly lagMs: DrcRole['lagMs']
  /** Since the holder started. */
  readonly transactions: number | null
  readonly rows: number | null
  /** Losers that the lane has left in the conflict table, all in all. */
  readonly conflicts: number | null
  readonly stopped: DrcRole['stopped']
}

/** Every lane there must be, running or not: a relay in each zone, and an applier in each for every other one. */
export function lanesOf(facts: DrcFacts): readonly Lane[] {
  const { zones } = facts
  return [
    ...zones.map((zone) => laneOf(facts, { role: 'relay', source: zone, zone })),
    ...zones.flatMap((source) =>
      zones.filter((zone) => zone !== source).map((zone) => laneOf(facts, { role: 'applier', source, zone })),
    ),
  ]
}

function laneOf(facts: DrcFacts, lane: Pick<Lane, 'role' | 'source' | 'zone'>): Lane {
  const { role, source, zone } = lane
  const here = facts.instances.filter((instance) => instance.zone === zone)
  const roleIn = ({ status }: Instance) => status?.roles.find((one) => one.role === role && one.source === source)
  const found = here.flatMap((instance) => {
    const told = roleIn(instance)
    return told === undefined ? [] : [{ name: `${instance.place}-${instance.instance}`, told }]
  })
  // While one hands over two may say that they are it.
  const active = found.filter(({ told }) => told.state !== 'standby')
  const holder = active.find(({ told }) => told.state === 'running') ?? active[0]
  const look = facts.looks.get(zone)
  const head = facts.looks.get(source)?.head ?? null
  const position = role === 'relay' ? (holder?.told.position ?? null) : appliedOf(facts, lane, head)
  const isKnown = role === 'relay' ? holder !== undefined : look !== undefined
  const behind = head === null || !isKnown ? null : behindOf(position, head)
  const newestAtMs = holder?.told.newestAtMs ?? null
  return {
    ...lane,
    state: holder?.told.state ?? (here.every(({ status }) => status !== null) ? 'vacant' : 'unknown'),
    holder: holder?.name ?? null,
    standbys: found.filter(({ told }) => told.state === 'standby').map(({ name }) => name),
    position,
    head,
    behind,
    newestAtMs,
    ageMs: ageOf({ behind, newestAtMs, nowMs: facts.nowMs }),
    lagMs: holder?.told.lagMs ?? null,
    transactions: holder?.told.transactions ?? null,
    rows: holder?.told.rows ?? null,
    conflicts: role === 'relay' ? 0 : look === undefined ? null : (look.conflicts.get(source) ?? 0),
    stopped: holder?.told.stopped ?? null,
  }
}

function appliedOf({ looks }: DrcFacts, { source, zone }: Pick<Lane, 'source' | 'zone'>, head: Place | null) {
  const applied = looks.get(zone)?.applied.filter((place) => place.source === source) ?? []
  const found = applied.find(({ uuid }) => uuid === head?.uuid) ?? (head === null ? applied[0] : undefined)
  return found === undefined ? null : { uuid: found.uuid, gno: found.gno }
}

/** Heads and positions are read one after the other: a position may be ahead of the head that was read before it. */
const behindOf = (position: Place | null, head: Place) =>
  Math.max(0, head.gno - (position?.uuid === head.uuid ? position.gno : 0))

function ageOf({ behind, newestAtMs, nowMs }: Pick<Lane, 'behind' | 'newestAtMs'> & { readonly nowMs: number }) {
  if (behind === null) return null
  if (behind === 0) return 0
  return newestAtMs === null ? null : Math.max(0, Math.round(nowMs - newestAtMs))
}

/** `bj log` for a relay, `bj -> sh` for an applier. */
export const laneName = ({ role, source, zone }: Pick<Lane, 'role' | 'source' | 'zone'>): string =>
  role === 'relay' ? `${source} log` : `${source} -> ${zone}`

/** @throws EZ_DRC_STOPPED a lane met what it cannot carry; EZ_DRC_UNKNOWN one does not run, or nobody tells */
export function requireRunning(lanes: readonly Lane[]): void {
  const stopped = lanes.filter(({ state }) => state === 'stopped')
  if (stopped.length > 0)
    throw new EzoneError(
      'EZ_DRC_STOPPED',
      stopped.map((lane) => `${laneName(lane)}: ${lane.stopped?.code} ${lane.stopped?.message}`).join('; '),
    )
  const uncertain = lanes.filter(({ state, behind }) => state !== 'running' || behind === null)
  if (uncertain.length > 0)
    throw new EzoneError('EZ_DRC_UNKNOWN', uncertain.map((lane) => `${laneName(lane)}: ${whyOf(lane)}`).join('; '))
}

function whyOf({ state, stopped, source, zone, head }: Lane): string {
  if (stopped !== null) return `${state}, ${stopped.code} ${stopped.message}`
  if (state === 'unknown') return `no instance that answers in ${zone} has the role, and not all of them answer`
  if (state === 'vacant') return `no instance in ${zone} has the role`
  if (state !== 'running') return state
  return `MySQL of ${head === null ? source : zone} does not answer`
}

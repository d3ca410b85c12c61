import { type Claim, type DrcRole, type DrcStatus, decideFence, versionTimeMs, versionZone } from '@ezone/sdk/model'
import type { ExplainedLane, ExplainedLoser, ExplainedRow, ExplainedZone, WriteDecision } from './explained.ts'
import { isSilent, type LoserFact, type OrderFact, type SilentZone, type ZoneFact } from './facts.ts'

/** The newest version that any zone has: a row, or that it was deleted. */
export interface Newest {
  readonly version: bigint
  readonly row: OrderFact | null
}

/** The zone that serves the order, and under which claim. */
export interface Whose extends Claim {
  readonly zone: string
}

interface Whole {
  readonly whose: Whose
  readonly newest: Newest | null
  readonly drc: readonly DrcStatus[]
  readonly nameOf: (number: number) => string
}

/** What the facts of one zone come to, next to what the others know. Pure. */
export function conclusionOf(fact: ZoneFact | SilentZone, { whose, newest, drc, nameOf }: Whole): ExplainedZone {
  const { zone } = fact
  if (isSilent(fact)) return { ...nothingKnown, zone, error: fact.error }
  const { fence, row, tombstone, conflicts, losers } = fact
  const source = newest === null ? null : nameOf(versionZone(newest.version))
  const appliers = drc
    .filter((status) => status.zone === zone)
    .flatMap(({ roles }) => roles.filter((role) => role.role === 'applier' && role.source === source))
  const applier = appliers.find(({ state }) => state !== 'standby')
  const lastAppliedMs = Math.max(
    ...fact.applied.filter((one) => one.source === source).map(({ appliedAtMs }) => appliedAtMs),
  )
  return {
    zone,
    error: null,
    fence,
    row: row === null ? null : explainedRow(row, nameOf),
    tombstone,
    deletedAt: tombstone === null ? null : iso(versionTimeMs(BigInt(tombstone))),
    deletedIn: tombstone === null ? null : nameOf(versionZone(BigInt(tombstone))),
    conflicts,
    losers: losers.map((loser) => explainedLoser(loser, nameOf)),
    decision: decisionOf(fact, whose),
    behindMs: behindMs(fact, newest),
    usualLagMs: (applier?.state === 'running' && applier.lagMs?.p50) || null,
    lane: applier === undefined ? null : laneOf(applier),
    lastAppliedAt: Number.isFinite(lastAppliedMs) ? iso(lastAppliedMs) : null,
  }
}

const nothingKnown: Omit<ExplainedZone, 'zone' | 'error'> = {
  fence: null,
  row: null,
  tombstone: null,
  deletedAt: null,
  deletedIn: null,
  conflicts: 0,
  losers: [],
  decision: null,
  behindMs: null,
  usualLagMs: null,
  lane: null,
  lastAppliedAt: null,
}

function decisionOf({ fence, row, zone, nowMs }: ZoneFact, whose: Whose): WriteDecision {
  const fenced = decideFence(fence ?? undefined, whose, { zone, nowMs })
  if (fenced.kind !== 'through' || row?.locked !== true) return fenced
  return { kind: 'refuse', code: 'EZ_ORDER_LOCKED', why: 'the order is locked until its zones are reconciled' }
}

function laneOf({ source, state, stopped }: DrcRole): ExplainedLane {
  const sinceAt = stopped === null ? null : iso(stopped.atMs)
  return { source, state, code: stopped?.code ?? null, message: stopped?.message ?? null, sinceAt }
}

function explainedRow(row: OrderFact, nameOf: (number: number) => string): ExplainedRow {
  const version = BigInt(row.version)
  return { ...row, writtenAt: iso(versionTimeMs(version)), writtenIn: nameOf(versionZone(version)) }
}

function explainedLoser(fact: LoserFact, nameOf: (number: number) => string): ExplainedLoser {
  const [winner, loser] = [BigInt(fact.winnerVersion), BigInt(fact.loserVersion)]
  const [winnerAt, loserAt] = [iso(versionTimeMs(winner)), iso(versionTimeMs(loser))]
  return { ...fact, winnerIn: nameOf(versionZone(winner)), winnerAt, loserIn: nameOf(versionZone(loser)), loserAt }
}

/** Clocks of two zones may differ a little: never less than nothing. */
function behindMs({ row, tombstone, nowMs }: ZoneFact, newest: Newest | null): number | null {
  if (newest === null) return null
  const here = [row?.version, tombstone].some((version) => version != null && BigInt(version) >= newest.version)
  return here ? 0 : Math.max(1, Math.round(nowMs - versionTimeMs(newest.version)))
}

const iso = (ms: number) => new Date(ms).toISOString()

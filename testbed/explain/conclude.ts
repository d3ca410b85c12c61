import { decideFence, type FenceDecision, idTimeMs, unpackId, versionTimeMs, versionZone } from '@ezone/sdk/model'
import { type Facts, isSilent, type OrderFact, type SilentZone, type Trace, type ZoneFact } from './facts.ts'

/**
 * How the zones stand to each other. `equal`: the same version everywhere. `lagging`: the zone that serves the order has
 * the newest version, others have not yet. `ahead`: another zone has a newer one than the zone that serves it: after a
 * takeover, or on its way. `unknown`: a zone could not be asked.
 */
export type Agreement = 'equal' | 'lagging' | 'ahead' | 'unknown'

export interface ExplainedRow extends OrderFact {
  /** When, and by which zone, this version was born. */
  readonly writtenAt: string
  readonly writtenIn: string
}

export interface ExplainedZone {
  readonly zone: string
  /** Null where the zone could not be asked; `error` says why. */
  readonly fence: ZoneFact['fence']
  readonly row: ExplainedRow | null
  readonly error: string | null
  readonly tombstone: string | null
  readonly conflicts: number
  /** What the DAL of this zone would say to a write of the order now, under the epoch of the table. */
  readonly decision: FenceDecision | null
  /** How long the newest version has been missing here, 0 where it is here; null where that is not known. */
  readonly behindMs: number | null
  /** Of what it applies from the zone that wrote the newest version; null where no applier told. */
  readonly usualLagMs: number | null
}

/** `data` of `explain`: a contract (docs/output.md), fields are only ever added. */
export interface Explained {
  readonly orderId: string
  readonly tag: string
  readonly rule: string
  readonly cell: number
  readonly shard: number
  readonly shardName: string
  readonly zone: string
  readonly epoch: number
  readonly state: string
  readonly tableVersion: number
  readonly id: { readonly cell: number; readonly madeIn: string; readonly writer: number; readonly madeAt: string }
  /** True where another zone serves the order than the one that made its id. */
  readonly moved: boolean
  readonly history: readonly {
    readonly version: number
    readonly at: string
    readonly who: string
    readonly why: string
    readonly before: string
    readonly after: string
  }[]
  readonly zones: readonly ExplainedZone[]
  readonly agreement: Agreement
  readonly traceId: string | null
  readonly traces: readonly Trace[]
}

/** What the facts come to. Pure. */
export function conclude(facts: Facts): Explained {
  const { orderId, route, shard, tableVersion } = facts
  const parts = unpackId(BigInt(orderId))
  const nameOf = (number: number) => facts.zones.find((zone) => zone.number === number)?.zone ?? `zone ${number}`
  const newest = newestOf(facts.zones)
  const zones = facts.zones.map((fact) => explainedZone(fact, facts, newest, nameOf))
  const madeIn = nameOf(parts.zone)
  return {
    orderId,
    tag: route.tag ?? `order=${orderId}`,
    rule: route.rule,
    cell: route.cell,
    shard: route.shard,
    shardName: shard.name,
    zone: shard.zone,
    epoch: shard.epoch,
    state: shard.state,
    tableVersion,
    id: { cell: parts.cell, madeIn, writer: parts.writer, madeAt: iso(idTimeMs(BigInt(orderId))) },
    moved: madeIn !== shard.zone,
    history: facts.history.flatMap(({ version, atMs, who, why, changes }) =>
      changes
        .filter((change) => change.shard === shard.shard)
        .map(({ before, after }) => ({ version, at: iso(atMs), who, why, before: owner(before), after: owner(after) })),
    ),
    zones,
    agreement: agreementOf(zones, shard.zone),
    traceId: newest?.row.traceId ?? null,
    traces: facts.traces,
  }
}

interface Newest {
  readonly version: bigint
  readonly row: OrderFact
}

function newestOf(zones: Facts['zones']): Newest | null {
  const rows = zones.flatMap((zone) => (isSilent(zone) || zone.row === null ? [] : [zone.row]))
  return rows
    .map((row) => ({ version: BigInt(row.version), row }))
    .reduce<Newest | null>((best, one) => (best === null || one.version > best.version ? one : best), null)
}

function explainedZone(
  fact: ZoneFact | SilentZone,
  { shard, drc }: Facts,
  newest: Newest | null,
  nameOf: (number: number) => string,
): ExplainedZone {
  const { zone } = fact
  if (isSilent(fact)) {
    const unknown = { fence: null, row: null, tombstone: null, conflicts: 0, decision: null }
    return { zone, error: fact.error, ...unknown, behindMs: null, usualLagMs: null }
  }
  const { fence, row, tombstone, conflicts, nowMs } = fact
  const claim = { shard: shard.shard, epoch: shard.epoch }
  const source = newest === null ? null : nameOf(versionZone(newest.version))
  const appliers = drc.filter((status) => status.zone === zone).flatMap(({ roles }) => roles)
  const applier = appliers.find((role) => role.role === 'applier' && role.source === source && role.state === 'running')
  return {
    zone,
    error: null,
    fence,
    row: row === null ? null : explainedRow(row, nameOf),
    tombstone,
    conflicts,
    decision: decideFence(fence ?? undefined, claim, { zone, nowMs }),
    behindMs: behindMs(fact, newest),
    usualLagMs: applier?.lagMs?.p50 ?? null,
  }
}

function explainedRow(row: OrderFact, nameOf: (number: number) => string): ExplainedRow {
  const version = BigInt(row.version)
  return { ...row, writtenAt: iso(versionTimeMs(version)), writtenIn: nameOf(versionZone(version)) }
}

/** Clocks of two zones may differ a little: never less than nothing. */
function behindMs({ row, nowMs }: ZoneFact, newest: Newest | null): number | null {
  if (newest === null) return null
  if (row !== null && BigInt(row.version) >= newest.version) return 0
  return Math.max(1, Math.round(nowMs - versionTimeMs(newest.version)))
}

function agreementOf(zones: readonly ExplainedZone[], serving: string): Agreement {
  if (zones.some(({ error }) => error !== null)) return 'unknown'
  if (zones.every(({ behindMs }) => behindMs === 0)) return 'equal'
  return zones.find(({ zone }) => zone === serving)?.behindMs === 0 ? 'lagging' : 'ahead'
}

const iso = (ms: number) => new Date(ms).toISOString()
const owner = ({ zone, state, epoch }: { zone: string; state: string; epoch: number }) => `${state} ${zone} ${epoch}`

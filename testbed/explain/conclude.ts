import { idTimeMs, unpackId } from '@ezone/sdk/model'
import type { Explained, ExplainedZone } from './explained.ts'
import { type Facts, isSilent, type OrderFact, type SilentZone, type TableFact, type ZoneFact } from './facts.ts'
import { conclusionOf, type Newest, type Whose } from './zone-conclusion.ts'

/** What the facts come to. Pure. */
export function conclude(facts: Facts): Explained {
  const { orderId, route } = facts
  const table = 'error' in facts.table ? null : facts.table
  const parts = unpackId(BigInt(orderId))
  const nameOf = (number: number) => facts.zones.find((zone) => zone.number === number)?.zone ?? `zone ${number}`
  const madeIn = nameOf(parts.zone)
  // Where GZS is silent the router goes on with the table it has, and so does this.
  const { zone, epoch } = table ?? route
  const newest = newestOf(facts.zones)
  const whose: Whose = { shard: route.shard, zone, epoch }
  const zones = facts.zones
    .map((fact) => conclusionOf(fact, { whose, newest, drc: facts.drc, nameOf }))
    .toSorted((a, b) => Number(b.zone === zone) - Number(a.zone === zone))
  return {
    orderId,
    tag: route.tag ?? `order=${orderId}`,
    rule: route.rule,
    cell: route.cell,
    shard: route.shard,
    shardName: table?.name ?? '',
    zone,
    epoch,
    state: table?.state ?? 'unknown',
    tableVersion: table?.version ?? null,
    tableError: 'error' in facts.table ? facts.table.error : null,
    id: { cell: parts.cell, madeIn, writer: parts.writer, madeAt: iso(idTimeMs(BigInt(orderId))) },
    moved: madeIn !== zone,
    move: runningMove(table),
    history: historyOf(table, route.shard),
    zones,
    agreement: agreementOf(zones, zone, newest),
    locked: newest?.row?.locked ?? false,
    traceId: newest?.row?.traceId ?? null,
    traces: facts.traces,
  }
}

function newestOf(zones: readonly (ZoneFact | SilentZone)[]): Newest | null {
  const known = zones.flatMap((zone) => {
    if (isSilent(zone)) return []
    const { row, tombstone } = zone
    return [
      ...(row === null ? [] : [{ version: BigInt(row.version), row }]),
      ...(tombstone === null ? [] : [{ version: BigInt(tombstone), row: null }]),
    ]
  })
  return known.reduce<Newest | null>((best, one) => (best === null || one.version > best.version ? one : best), null)
}

function agreementOf(zones: readonly ExplainedZone[], serving: string, newest: Newest | null): Explained['agreement'] {
  if (zones.some(({ error }) => error !== null)) return 'unknown'
  if (zones.every(({ behindMs }) => behindMs === 0)) {
    if (newest?.row === null) return 'deleted'
    return new Set(zones.map(({ row }) => contentOf(row))).size === 1 ? 'equal' : 'differing'
  }
  return zones.find(({ zone }) => zone === serving)?.behindMs === 0 ? 'lagging' : 'ahead'
}

const contentOf = (row: OrderFact | null) =>
  row && JSON.stringify([row.state, row.zone, row.epoch, row.locked, row.createdAt, row.traceId])

function runningMove(table: TableFact | null): Explained['move'] {
  const move = table?.move
  if (!move || move.outcome !== null) return null
  const { from, to, mode, step, who, why, steps } = move
  return { from, to, mode, step, who, why, beganAt: steps[0] === undefined ? null : iso(steps[0].atMs) }
}

function historyOf(table: TableFact | null, shard: number): Explained['history'] {
  return (table?.history ?? []).flatMap(({ version, atMs, who, why, changes }) =>
    changes
      .filter((change) => change.shard === shard)
      .map(({ before, after }) => ({ version, at: iso(atMs), who, why, before: owner(before), after: owner(after) })),
  )
}

const iso = (ms: number) => new Date(ms).toISOString()
const owner = ({ zone, state, epoch }: { zone: string; state: string; epoch: number }) => `${state} ${zone} ${epoch}`

import { leaseForever } from '@ezone/sdk/model'
import type { Explained, ExplainedZone } from './explained.ts'

/** What one zone has of an order, and what it would let anybody do with it. */
export function zoneLines(zone: ExplainedZone, order: Explained): readonly string[] {
  const role = zone.zone === order.zone ? 'serves it' : 'keeps a copy'
  if (zone.error !== null) return [`could not be asked: ${zone.error}`]
  return [
    `${role}; ${fenceText(zone)}`,
    ...(zone.row === null && zone.tombstone !== null ? [] : [`a write under epoch ${order.epoch} ${writeText(zone)}`]),
    ...rowLines(zone, order),
    ...lagLines(zone),
    ...conflictLines(zone),
  ]
}

function fenceText({ fence }: ExplainedZone): string {
  if (fence === null) return 'it has no fence row of this shard'
  const { state, zone, epoch, leaseUntilMs } = fence
  const ends = leaseUntilMs !== null && String(leaseUntilMs) !== leaseForever
  return `its fence says ${state} in ${zone}, epoch ${epoch}${ends ? `, lease until ${iso(leaseUntilMs)}` : ''}`
}

function writeText({ decision }: ExplainedZone): string {
  switch (decision?.kind) {
    case 'through':
      return 'goes through'
    case 'wait':
      return `waits: ${decision.why}`
    case 'refuse':
      return `is refused with ${decision.code}`
    default:
      return 'is decided by nobody'
  }
}

function rowLines(zone: ExplainedZone, { zones }: Explained): readonly string[] {
  const { row, tombstone, deletedAt, deletedIn } = zone
  if (row === null) return tombstone === null ? ['no row'] : [`deleted by ${deletedIn} at ${deletedAt}`, ver(tombstone)]
  const [first] = zones
  if (first !== undefined && first !== zone && same(first.row, row)) return ['the same row']
  return [
    `${row.state}${row.locked ? ', LOCKED' : ''}; written by ${row.writtenIn} at ${row.writtenAt} under epoch ${row.epoch}`,
    ver(row.version),
    ...(row.writtenIn === row.zone ? [] : [`it names ${row.zone}: ${row.writtenIn} wrote past its DAL`]),
  ]
}

const same = (one: ExplainedZone['row'], other: ExplainedZone['row']) => JSON.stringify(one) === JSON.stringify(other)
const ver = (version: string) => `version ${version}`

/** How long the newest version is missing, and what of its lane says why. */
function lagLines({ behindMs, usualLagMs, lane, lastAppliedAt }: ExplainedZone): readonly string[] {
  if (behindMs === null || behindMs === 0) return []
  const missing = `the newest version has been missing here for ${lasting(behindMs)}`
  if (lane === null) return [`${missing}; no applier says how far it is`]
  const applied = lastAppliedAt === null ? 'nothing yet' : `last at ${lastAppliedAt}`
  const usual = usualLagMs === null ? '' : `; it usually takes ${Math.round(usualLagMs)} ms`
  return [
    `${missing}${usual}`,
    `the applier of ${lane.source} is ${lane.state}${lane.sinceAt === null ? '' : ` since ${lane.sinceAt}`}; it applied ${applied}`,
    ...(lane.code === null ? [] : [`${lane.code}: ${lane.message}`]),
  ]
}

function conflictLines({ conflicts, losers }: ExplainedZone): readonly string[] {
  if (conflicts === 0) return []
  return [
    `${conflicts === 1 ? 'one change of it was' : `${conflicts} changes of it were`} not kept, see \`ezone drc conflicts\`:`,
    ...losers.map(
      ({ atMs, winnerIn, winnerAt, loserIn, loserAt }) =>
        `${iso(atMs)}  ${winnerIn}'s of ${timeOf(winnerAt)} was kept, ${loserIn}'s of ${timeOf(loserAt)} was not`,
    ),
  ]
}

/** The time of day alone: the date stands beside it. */
const timeOf = (at: string) => at.slice('2026-01-02T'.length, -1)
const lasting = (ms: number) => (ms < 10_000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`)
const iso = (ms: number) => new Date(ms).toISOString()

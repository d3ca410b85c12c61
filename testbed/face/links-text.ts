import type { DirectDials, LinkAudit } from '../agent/link-queries.ts'
import type { FaultReport } from '../chaos/fault.ts'
import type { CutAudit } from '../links/audit-cut.ts'
import type { MeasuredPath } from '../links/measure.ts'
import { table } from './table.ts'

/** Asked and got, side by side, one row per path. */
export function pathsText(paths: readonly MeasuredPath[]): string {
  return table(
    ['from', 'to', 'link', 'protocol', 'target', 'dials', 'asked ms', 'p50 ms', 'p99 ms', ''],
    paths.map((path) => [
      path.from,
      path.to,
      path.link,
      path.protocol,
      path.target,
      `${path.via.host}:${path.via.port}`,
      path.askedRttMs,
      path.p50Ms,
      path.p99Ms,
      path.judgement === 'ok' ? '' : (path.error ?? path.judgement),
    ]),
  )
}

export function auditText({ sockets, outside, bypasses, unknown, directDials, cut }: LinkAudit): string {
  return [
    `${sockets} connections judged, ${bypasses.length} beside a link, ${unknown.length} unknown; ${outside} from outside the places`,
    ...bypasses.map((b) => `  beside the link: ${b.process} (pid ${b.pid}) of ${b.from} dials ${b.address} of ${b.to}`),
    ...unknown.map((u) => `  unknown who dials ${u.address} of ${u.to}`),
    ...(directDials === null ? [] : [dialsText(directDials)]),
    ...(cut === null ? [] : [cutText(cut)]),
  ].join('\n')
}

function dialsText({ refused, reached, unknown }: DirectDials): string {
  return `${refused} direct dials between containers refused, ${reached.length} answered, ${unknown.length} unknown`
}

function cutText({ cutMs, silent, leaked, deadInZone, unhealed, healMs }: CutAudit): string {
  const back = unhealed.length === 0 ? `all back after ${Math.round(healMs)} ms` : `${unhealed.length} not back`
  return (
    `cut of ${Math.round(cutMs)} ms: ${silent} paths silent, ${leaked.length} leaked, ` +
    `${deadInZone.length} dead within their place; ${back}`
  )
}

export function faultText(fault: FaultReport): string {
  const way = fault.direction === null ? 'both ways' : fault.direction.replace(':', ' to ')
  const { effect, removal } = fault
  const shown = (proof: FaultReport['effect']) =>
    proof.by === 'paths' ? `shown by ${proof.samples} paths` : 'read back from its Toxiproxies'
  if (fault.state === 'ended') return `${fault.id}: ${fault.target} joined, ${shown(removal)}`
  return `${fault.id}: ${fault.target} cut ${way} until ${fault.leaseUntil}, ${effect.proven ? shown(effect) : 'not shown'}`
}

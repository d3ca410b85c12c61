import { leaseForever } from '@ezone/sdk/model'
import type { Explained, ExplainedZone } from './conclude.ts'

/** An explained order as a person reads it: from the id to the rows, one step after another. */
export function story(order: Explained): string {
  return [
    `order ${order.orderId}: ${outcomes[order.agreement]}`,
    '',
    ...part('id', [
      `made in ${order.id.madeIn} by writer ${order.id.writer} at ${order.id.madeAt}; carries cell ${order.id.cell} for ever`,
    ]),
    ...part('route', [
      `${order.tag} -> rule ${order.rule} -> cell ${order.cell} -> shard ${order.shard} (${order.shardName}) -> ${order.zone}, epoch ${order.epoch}`,
    ]),
    ...part('table', [
      `version ${order.tableVersion}: shard ${order.shard} is ${order.state} in ${order.zone} under epoch ${order.epoch}`,
      ...(order.moved
        ? [`another zone made it: the shard has moved since, from ${order.id.madeIn} to ${order.zone}`]
        : []),
      ...order.history.map((h) => `${h.at}  version ${h.version}: ${h.before} -> ${h.after}, by ${h.who}: ${h.why}`),
    ]),
    ...order.zones.flatMap((zone) => part(zone.zone, zoneLines(zone, order))),
    ...part('trace', traceLines(order)),
  ].join('\n')
}

const outcomes: Readonly<Record<Explained['agreement'], string>> = {
  equal: 'the same in every zone',
  lagging: 'served by its zone, not yet as new in every other',
  ahead: 'another zone has a newer version than the one that serves it',
  unknown: 'not known in every zone: one could not be asked',
}

function zoneLines({ zone, error, fence, row, decision, ...rest }: ExplainedZone, order: Explained): readonly string[] {
  if (error !== null) return [`could not be asked: ${error}`]
  const owned =
    fence === null ? 'no fence row' : `fence: ${fence.state} ${fence.zone}, epoch ${fence.epoch}${lease(fence)}`
  const verdict =
    decision?.kind === 'through'
      ? 'lets a write through'
      : decision?.kind === 'wait'
        ? `has a write wait: ${decision.why}`
        : `refuses a write with ${decision?.code}`
  const kept =
    row === null
      ? rest.tombstone === null
        ? 'no row'
        : `deleted, version ${rest.tombstone}`
      : `row: ${row.state}${row.locked ? ', LOCKED' : ''}, epoch ${row.epoch}, version ${row.version} (${row.writtenIn} at ${row.writtenAt})`
  return [
    `${owned}; the DAL ${verdict}${zone === order.zone ? '' : ` under epoch ${order.epoch}`}`,
    kept,
    ...lagLines(rest),
    ...(rest.conflicts === 0 ? [] : [`${rest.conflicts} losers of this row in the conflict table`]),
  ]
}

const lease = ({ leaseUntilMs }: NonNullable<ExplainedZone['fence']>) =>
  leaseUntilMs === null || String(leaseUntilMs) === leaseForever
    ? ''
    : `, lease until ${new Date(leaseUntilMs).toISOString()}`

function lagLines({ behindMs, usualLagMs }: Pick<ExplainedZone, 'behindMs' | 'usualLagMs'>): readonly string[] {
  if (behindMs === null || behindMs === 0) return []
  const usual =
    usualLagMs === null ? 'no applier tells how long it takes' : `it usually takes ${Math.round(usualLagMs)} ms`
  return [`the newest version has been missing here for ${behindMs} ms; ${usual}`]
}

function traceLines({ traceId, traces }: Explained): readonly string[] {
  if (traceId === null) return ['the row carries none']
  return [traceId, ...traces.map(({ at, where, text }) => `${at ?? '                        '}  ${where}: ${text}`)]
}

/** A word, and what belongs to it behind it and below. */
const part = (word: string, lines: readonly string[]): readonly string[] =>
  lines.map((line, index) => `${(index === 0 ? word : '').padEnd(7)}${line}`)

import type { Explained, ExplainedZone } from './explained.ts'
import { zoneLines } from './zone-story.ts'

/** An explained order as a person reads it: from the id to the rows, one step after another, in 100 columns. */
export function story(order: Explained): string {
  return [
    `order ${order.orderId}: ${outcomes[order.agreement]}${order.locked ? '; it is LOCKED' : ''}`,
    '',
    ...part('id', [
      `made in ${order.id.madeIn} at ${order.id.madeAt} by writer ${order.id.writer}; it carries cell ${order.id.cell} for ever`,
    ]),
    ...part('route', [
      `tag ${order.tag}, rule ${order.rule}`,
      `-> cell ${order.cell} -> shard ${order.shard}${named(order.shardName)} -> ${order.zone}, epoch ${order.epoch}`,
    ]),
    ...part('table', tableLines(order)),
    ...order.zones.flatMap((zone: ExplainedZone) => part(zone.zone, zoneLines(zone, order))),
    ...part('trace', traceLines(order)),
  ].join('\n')
}

const outcomes: Readonly<Record<Explained['agreement'], string>> = {
  equal: 'the same in every zone',
  deleted: 'deleted, as every zone knows',
  lagging: 'served by its zone, not yet as new in every other',
  ahead: 'another zone has a newer version than the one that serves it',
  differing: 'the same version in every zone and NOT the same row; `ezone drc verify` names all such rows',
  unknown: 'not known in every zone: one could not be asked',
}

const named = (name: string) => (name === '' ? '' : ` (${name})`)

function tableLines({ tableVersion, tableError, shard, state, zone, epoch, ...order }: Explained): readonly string[] {
  if (tableError !== null)
    return [`not told: ${tableError}`, `the router goes on with the table it has: ${zone}, epoch ${epoch}`]
  const { move, history, moved, id } = order
  return [
    `version ${tableVersion}: shard ${shard} is ${state} in ${zone} under epoch ${epoch}`,
    ...(moved ? [`it has moved since the order was made: from ${id.madeIn} to ${zone}`] : []),
    ...(move === null
      ? []
      : [
          `it is being moved (${move.mode}) from ${move.from} to ${move.to}: ${move.step}; by ${move.who}: ${move.why}`,
        ]),
    ...history.flatMap((h) => [
      `${h.at}  ${h.before} -> ${h.after}, version ${h.version}`,
      `${indent}by ${h.who}: ${h.why}`,
    ]),
  ]
}

function traceLines({ traceId, traces, agreement }: Explained): readonly string[] {
  if (agreement === 'deleted') return ['what deleted it left none']
  if (traceId === null) return ['its last write carried none']
  if (traces.length === 0) return [`${traceId}, of its last write`, 'met nowhere any more: only what is fresh is kept']
  const width = Math.max(...traces.map(({ where }) => where.length))
  return [
    `${traceId}, of its last write`,
    ...traces.map(({ at, where, text }) => `${(at ?? '').padEnd(indent.length - 2)}  ${where.padEnd(width)}  ${text}`),
  ]
}

/** As wide as a time and the gap behind it. */
const indent = ' '.repeat('2026-01-02T03:04:05.678Z  '.length)

/** A word, and what belongs to it behind it and below. */
const part = (word: string, lines: readonly string[]): readonly string[] =>
  lines.map((line, index) => `${(index === 0 ? word : '').padEnd(7)}${line}`)

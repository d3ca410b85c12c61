import type { HistoryEntry, RoutingTable, SubscribersAnswer } from '@ezone/sdk/model'
import { table } from '../face/table.ts'
import type { MoveResult } from './move.ts'

/** Every shard with who serves it. */
export function shardsText({ version, shards }: RoutingTable): string {
  const rows = shards.map((s) => [s.shard, s.name, s.zone, s.state, s.epoch, s.move?.to ?? ''])
  return `${table(['shard', 'name', 'zone', 'state', 'epoch', 'moving to'], rows)}\n\ntable version ${version}`
}

export function historyText(entries: readonly HistoryEntry[]): string {
  const rows = entries.map(({ version, atMs, who, why, changes }) => [
    version,
    new Date(atMs).toISOString(),
    who,
    changes.map(changeText).join(', '),
    why,
  ])
  return table(['version', 'at', 'who', 'change', 'why'], rows)
}

function changeText({ shard, before, after }: HistoryEntry['changes'][number]): string {
  const owner = ({ state, zone, epoch }: typeof before) => `${state} ${zone} ${epoch}`
  return `${shard}: ${owner(before)} -> ${owner(after)}`
}

export function subscribersText({ version, subscribers, silent }: SubscribersAnswer): string {
  const rows = subscribers.map((s) => [s.name, s.kind, s.place, s.version, s.connected ? 'yes' : 'no', s.gzs])
  const behind = subscribers.filter((s) => s.connected && s.version !== version).length
  return [
    table(['subscriber', 'kind', 'place', 'version', 'connected', 'gzs'], rows),
    '',
    `table version ${version}${behind === 0 ? '' : `; ${behind} have not acknowledged it`}`,
    ...silent.map((place) => `the GZS at ${place} does not answer: its subscribers are not known`),
  ].join('\n')
}

export function movedText({ shard, from, to, id, joined, epoch, frozenMs, longestHoldMs }: MoveResult): string {
  if (id === null) return `shard ${shard} is in ${to} already, epoch ${epoch}`
  const held = longestHoldMs === null ? '' : `, longest hold at a router ${longestHoldMs} ms`
  return `shard ${shard}: ${from} -> ${to}, epoch ${epoch}, frozen for ${frozenMs} ms${held}${joined ? ' (joined a move that ran)' : ''}`
}

/** What somebody must know before a shard is taken from a zone that is not asked. */
export function takeoverText(policy: 'available' | 'strict', to: string): string {
  const meanwhile = {
    available:
      'policy available: a zone that is cut off may go on writing it, and what both have changed is locked after the heal',
    strict: `policy strict: unless its zone says that it has stopped, ${to} waits until its lease and its last writes are over, some 20 s`,
  }
  return `warning: what its zone has not sent yet stays there until it is back; ${meanwhile[policy]}`
}

import type { EntryOf, History } from '../ledger/history.ts'
import { type Contradiction, define } from './define.ts'
import { type FaultSpan, faultSpans } from './faults.ts'
import { pushTo } from './operations.ts'
import type { OwnerEntry } from './ownership.ts'
import { at, seconds } from './words.ts'

type Acked = EntryOf<'acked'>

/** Faults that keep a program from hearing of a table, or from acting at all. */
const deafening = new Set(['isolate', 'power-loss', 'kill', 'pause', 'restart'])

/**
 * Whoever decides by the table (routers, SOA proxies, services) acts under a new version of it in time. One that a fault
 * stopped, or cut off together with its place, has that time from the end of the fault on.
 */
export const epochsInTime = define({
  name: 'epochs-in-time',
  statement: 'Every enforcement point acted under each new version of the table in time',
  missing: ({ owner, acked }) => {
    if (owner.length === 0) return 'what the table said of the shards is not in the history'
    return acked.length === 0 ? 'no enforcement point said under which version it acts' : null
  },
  look(history, { ackMs }) {
    const points = new Map<string, Acked[]>()
    for (const one of history.acked) pushTo(points, one.subscriber, one)
    const changes = changesOf(history)
    const faults = faultSpans(history)
    const overMs = history.end.at(-1)?.atMs ?? 0
    const found: Contradiction[] = []
    let checked = 0
    for (const [subscriber, acks] of points) {
      acks.sort((a, b) => a.atMs - b.atMs)
      const onPoint = faults.filter((fault) => keepsFrom(fault, subscriber, acks[0]?.place))
      for (const change of changes) {
        const untilMs = deadline(change, acks, onPoint, ackMs)
        if (untilMs > overMs) continue
        checked++
        const first = acks.find(({ version }) => version >= change.epoch)
        if (first === undefined || first.atMs > untilMs)
          found.push({ ids: [subscriber], size: 2, story: () => late(subscriber, change, first, acks) })
      }
    }
    return { checked, found }
  },
})

function keepsFrom({ kind, target }: FaultSpan, subscriber: string, place: string | undefined): boolean {
  if (kind === 'gzs-loss') return target === 'all'
  return deafening.has(kind) && (target === place || subscriber === target || subscriber.startsWith(`${target}-`))
}

/** Each version once, from when the history first has it. */
function changesOf({ owner }: History): readonly OwnerEntry[] {
  const first = new Map<number, OwnerEntry>()
  for (const entry of owner) {
    const known = first.get(entry.epoch)
    if (known === undefined || entry.atMs < known.atMs) first.set(entry.epoch, entry)
  }
  return [...first.values()].toSorted((a, b) => a.epoch - b.epoch)
}

/** A change is in time where the point had this long, undisturbed, since it was there and the change was made. */
function deadline({ atMs }: OwnerEntry, acks: readonly Acked[], faults: readonly FaultSpan[], ackMs: number): number {
  let fromMs = Math.max(atMs, acks[0]?.atMs ?? 0)
  for (const fault of faults) if (fault.fromMs <= fromMs + ackMs && fault.untilMs > fromMs) fromMs = fault.untilMs
  return fromMs + ackMs
}

function late(subscriber: string, change: OwnerEntry, first: Acked | undefined, acks: readonly Acked[]): string {
  const { epoch, shard, state, zone, atMs } = change
  const said = `${at(atMs)} the table said, with version ${epoch}, that shard ${shard} is ${state} in ${zone}`
  const then =
    first === undefined
      ? `never said so: its last word is version ${acks.at(-1)?.version}, ${at(acks.at(-1)?.atMs ?? 0)}`
      : `acted under it ${at(first.atMs)}, ${seconds(first.atMs - atMs)} later`
  return `${said}; ${subscriber} ${then}`
}

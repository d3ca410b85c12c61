import { EzoneError } from '@ezone/sdk/model'
import { isOwn } from '../core/origin.ts'
import type { Position } from '../core/types.ts'

interface Interval {
  readonly first: number
  readonly last: number
}

/** uuid -> tag ('' for none) -> intervals. */
type Gtids = ReadonlyMap<string, ReadonlyMap<string, readonly Interval[]>>

/** A GTID set as MySQL prints it: `uuid:1-5:7:drc_sh:1-3,\nuuid2:1`. */
export function parseGtids(text: string): Gtids {
  const sets = new Map<string, Map<string, Interval[]>>()
  for (const entry of text.replace(/\s/g, '').split(',').filter(Boolean)) {
    const [uuid = '', ...parts] = entry.toLowerCase().split(':')
    const tags = sets.get(uuid) ?? new Map<string, Interval[]>()
    sets.set(uuid, tags)
    let tag = ''
    for (const part of parts) {
      const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
      if (first === undefined) tag = part
      else tags.set(tag, [...(tags.get(tag) ?? []), { first: Number(first), last: Number(last ?? first) }])
    }
  }
  return sets
}

/**
 * What to tell the server that we have: our own transactions up to `from`, and every one that an applier wrote so far.
 * Without the latter the server would begin at its oldest file, and call purged what nobody wants.
 *
 * @throws EZ_DRC_BINLOG_PURGED where own transactions after `from` are gone.
 */
export function startSet(executed: Gtids, purged: Gtids, from: Position): string {
  for (const [uuid, tags] of purged) {
    const gone = tags.get('')?.at(-1)?.last ?? 0
    const known = from.get(uuid) ?? 0
    if (gone > known)
      throw new EzoneError('EZ_DRC_BINLOG_PURGED', `${uuid}:${known + 1}-${gone} were purged before they were logged`)
  }
  const uuids = new Set([...executed.keys(), ...from.keys()])
  return [...uuids]
    .flatMap((uuid) => {
      const known = from.get(uuid) ?? 0
      const own = known > 0 ? [`1-${known}`] : []
      const applied = [...(executed.get(uuid) ?? [])].flatMap(([tag, intervals]) =>
        tag !== '' && !isOwn(tag) ? [tag, ...intervals.map(({ first, last }) => `${first}-${last}`)] : [],
      )
      return own.length + applied.length > 0 ? [[uuid, ...own, ...applied].join(':')] : []
    })
    .join(',')
}

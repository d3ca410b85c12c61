/**
 * How far a zone's MySQL is: the greatest number it has of each server's own transactions. Its own ones by its GTID set,
 * those of other zones by its position. Keys are `zone/server uuid`.
 */
export type Watermark = ReadonlyMap<string, number>

/** Whether everything `wanted` names is had. */
export const covers = (had: Watermark, wanted: Watermark): boolean =>
  [...wanted].every(([server, number]) => (had.get(server) ?? 0) >= number)

/** What is still to come: servers whose number is too small, with both numbers. */
export const lacking = (had: Watermark, wanted: Watermark): readonly { server: string; at: number; wanted: number }[] =>
  [...wanted].flatMap(([server, number]) => {
    const at = had.get(server) ?? 0
    return at < number ? [{ server, at, wanted: number }] : []
  })

/**
 * The greatest number of each server in a GTID set, or in the list of GTIDs that are being committed, without those that
 * an applier wrote: these carry a tag, and tags stand behind the numbers without one.
 *
 *   uuid:1-7:9:drc_sh:1-3,        @@gtid_executed
 *   uuid:10#55:11#57              @@gtid_owned, with the thread
 */
export function ownNumbers(zone: string, ...sets: readonly string[]): Watermark {
  const found = new Map<string, number>()
  for (const entry of sets.flatMap((set) => set.split(','))) {
    const [uuid = '', ...parts] = entry.trim().toLowerCase().split(':')
    const server = `${zone}/${uuid}`
    for (const part of parts) {
      const [, first, last] = /^(\d+)(?:-(\d+))?(?:#\d+)?$/.exec(part) ?? []
      if (first === undefined) break
      found.set(server, Math.max(found.get(server) ?? 0, Number(last ?? first)))
    }
  }
  return found
}

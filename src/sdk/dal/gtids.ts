/** A transaction of one server: its server_uuid, and the number the server gave it. */
export interface Gtid {
  readonly uuid: string
  readonly gno: number
}

/**
 * The greatest number that a server has given to a transaction of its own, from its GTID set; 0 where there is none.
 * What was applied for another zone carries a tag and is counted by itself.
 *
 *   uuid:1-7:9:drc_sh:1-3,
 *   otheruuid:1-5
 */
export function ownGno(gtidSet: string, uuid: string): number {
  const numbers = gtidSet.split(',').flatMap((entry) => {
    const [server = '', ...parts] = entry.trim().split(':')
    if (server.toLowerCase() !== uuid.toLowerCase()) return []
    // Intervals belong to the tag before them, so those of no tag come first.
    const tagged = parts.findIndex((part) => !/^\d/.test(part))
    const own = tagged < 0 ? parts : parts.slice(0, tagged)
    return own.map((interval) => Number(interval.split('-').at(-1)))
  })
  return Math.max(0, ...numbers)
}

/**
 * The loop filter (ADR 0019). An applier writes under a GTID that is tagged with the zone the change was made in; the
 * relay leaves out whatever carries such a tag. So a change travels exactly once, from where it was made, in a mesh of any
 * number of zones.
 */
const mark = 'drc_'

/** For `SET gtid_next = 'AUTOMATIC:<tag>'` in the session that applies changes of `source`. */
export const appliedTag = (source: string): string => `${mark}${source}`

/** True for a transaction that was made on this server. @param tag '' for a GTID without one. */
export const isOwn = (tag: string): boolean => !tag.startsWith(mark)

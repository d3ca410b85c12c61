/**
 * Mistakes others have made, built into the surroundings of the real decisions (docs/adr/0003): the simulator is worth
 * something only if it finds them.
 */
export const bugs = {
  strict: 'compares times alone with `<`: where they are equal neither zone gives way',
  'no-tombstone': 'a delete leaves nothing behind, so an older change brings the row back',
  're-stamp': 'what is read again after a crash gets a new version from the log',
  'loop-filter-off': 'applied changes are not marked, so they look like own ones',
} as const satisfies Record<string, string>

export type Bug = keyof typeof bugs
export const isBug = (name: string): name is Bug => Object.hasOwn(bugs, name)

/** What a comparison of times alone makes of a version: with the same time as another it is that other one. */
export const asIfSame = (ver: bigint, other: bigint): bigint => (ver >> 4n === other >> 4n ? other : ver)

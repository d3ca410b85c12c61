/**
 * Mistakes others have made, built into the surroundings of the real decisions (docs/adr/0003): the simulator is worth
 * something only if it finds them. Each shows that a law is really judged; `breaks` names the one it must break.
 */
export const bugs = {
  strict: { breaks: 'equal', what: 'compares times alone with `<`: where they are equal neither zone gives way' },
  'no-tombstone': { breaks: 'equal', what: 'a delete leaves nothing behind: an older change brings the row back' },
  're-stamp': { breaks: 'no-false-loser', what: 'what is read again after a crash gets a new version from the log' },
  'loop-filter-off': { breaks: 'echo', what: 'applied changes are not marked, so they look like own ones' },
  'arrival-order': { breaks: 'equal', what: 'what comes last is the row, whatever its version' },
  'position-apart': { breaks: 'equal', what: 'the position is committed before the rows it covers' },
  'no-compare': { breaks: 'once', what: 'the position moves whatever it was: a paused applier applies again' },
  'losers-forgotten': { breaks: 'loser-kept', what: 'what loses is dropped and nobody notes it' },
  'takeover-forgotten': { breaks: 'lock', what: 'a conflict across a takeover is taken for any other' },
  'lock-lost': { breaks: 'lock', what: 'suspect rows are locked once, when noted: a crash leaves some out' },
  'no-second-look': { breaks: 'never-back', what: 'what came and went between look and write is not seen' },
  'plain-read': { breaks: 'never-back', what: 'the insert trigger reads the tombstone without locking it' },
  'wall-clock': { breaks: 'never-back', what: 'a version is the time of the clock, whatever was there before' },
  'deaf-relay': { breaks: 'quiet', what: 'a relay whose log broke waits for the next change to notice' },
} as const satisfies Record<string, { readonly breaks: string; readonly what: string }>

export type Bug = keyof typeof bugs
export const isBug = (name: string): name is Bug => Object.hasOwn(bugs, name)

/** What a comparison of times alone makes of a version: with the same time as another it is that other one. */
export const asIfSame = (ver: bigint, other: bigint): bigint => (ver >> 4n === other >> 4n ? other : ver)

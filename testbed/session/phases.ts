/**
 * What a testbed is doing, and what may be asked of it then.
 *
 *   absent -> starting -> ready <-> degraded
 *                 |         |          |
 *                 +----> stopping <----+ -> stopped -> starting
 *
 * `absent`, `ready`, `degraded` and `stopped` are observed; `starting` and `stopping` are known to the agent alone.
 * `down` and `status` are always allowed, so they stand in no row.
 */
export const phases = ['absent', 'starting', 'ready', 'degraded', 'stopping', 'stopped'] as const
export type Phase = (typeof phases)[number]

export const verbs = ['up', 'start', 'stop', 'restart', 'reset', 'links'] as const
export type Verb = (typeof verbs)[number]

/** The legal moves, literally: what is not here is refused. */
export const legal: Readonly<Record<Verb, readonly Phase[]>> = {
  up: ['absent', 'stopped', 'degraded', 'ready'],
  start: ['stopped', 'degraded', 'ready'],
  stop: ['ready', 'degraded', 'stopped'],
  restart: ['ready', 'degraded'],
  reset: ['ready', 'degraded', 'stopped'],
  links: ['ready', 'degraded'],
}

export const isLegal = (verb: Verb, phase: Phase): boolean => legal[verb].includes(phase)

/** What can be seen of a testbed from outside. */
export interface Sight {
  /** How many specs it has when all run. */
  readonly wanted: number
  readonly running: number
  /** When the last of those that run began; null where none does. Milliseconds since the epoch. */
  readonly lastBegunAtMs: number | null
  /** When a start last ended with everything proven; null where none ever did. */
  readonly provenAtMs: number | null
}

/** The kernel tells when a process began to a second's accuracy only. */
const toleranceMs = 1_000

/**
 * The phase that can be seen when no command is at work. `ready` is said only of what was proven: everything runs, and
 * nothing of it began after the last start that ended with every server serving and every path measured.
 */
export function observedPhase(sight: Sight): Phase {
  if (sight.running === 0) return 'stopped'
  return sight.running >= sight.wanted && isProven(sight) ? 'ready' : 'degraded'
}

/** Whether all that runs was there when a start last ended well. */
export function isProven({ lastBegunAtMs, provenAtMs }: Sight): boolean {
  return provenAtMs !== null && lastBegunAtMs !== null && lastBegunAtMs <= provenAtMs + toleranceMs
}

/** When the last of these began. */
export const lastBegun = (observed: readonly { readonly startedAtMs: number }[]): number | null =>
  observed.length === 0 ? null : Math.max(...observed.map((o) => o.startedAtMs))

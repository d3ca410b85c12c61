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

/** The phase that running and wanted specs show, when no command is at work. */
export function observedPhase(exists: boolean, wanted: number, running: number): Phase {
  if (!exists) return 'absent'
  if (running === 0) return 'stopped'
  return running >= wanted ? 'ready' : 'degraded'
}

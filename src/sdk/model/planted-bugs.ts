/**
 * Mistakes that a testbed can have built into its services, so that drills can be judged: a check that does not find
 * them proves nothing. Only a testbed's configuration names them, and a service that runs with one says so at its start.
 * Each stands at a place of its own in the code, marked `planted bug` (docs/guide/planted-bugs.md).
 */
export const plantedBugs = {
  'no-fence': 'a write does not ask the fence row of its shard',
  'loop-filter-off': 'the relay sends what came from another zone on, as if it had been made here',
  'lost-apply': 'the applier leaves out one change of an order in twenty and moves its position all the same',
  'overlapping-ids': 'every zone makes ids with the number of the first',
  'reversed-winner': 'of two rival changes of a row the smaller version wins',
  'skipped-barrier': 'a planned move does not wait for what its source wrote, and appliers are late',
  'double-dispatch': 'dispatch gives orders that have a rider to a second one',
  'lying-lag': 'replication reports a lag of nothing, whatever it is',
  'tombstone-off': 'appliers know of no delete but the one that they apply: what is older comes back',
  'stale-router': 'the second router acts under its first table for ever',
} as const satisfies Record<string, string>

export type PlantedBug = keyof typeof plantedBugs

export const plantedBugNames = Object.keys(plantedBugs) as readonly PlantedBug[] as readonly [
  PlantedBug,
  ...PlantedBug[],
]

/** Whether a service runs with a mistake. Never asked on a hot path: there what was asked at the start is kept. */
export const hasPlanted = ({ sabotage }: { readonly sabotage: readonly PlantedBug[] }, bug: PlantedBug): boolean =>
  sabotage.includes(bug)

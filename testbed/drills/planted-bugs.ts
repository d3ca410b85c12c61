import type { PlantedBug } from '@ezone/sdk/model'

/** How a planted bug shows itself: the drill that must end invalid with it, and the claim that must not hold then. */
export interface Showing {
  /** A built-in drill, or a scenario file from the package's root on. */
  readonly drill: string
  /** Of the topology: what must be in force for the bug to do harm. */
  readonly policy: 'available' | 'strict'
  readonly claim: string
  /** Where it stands in the code. */
  readonly places: readonly string[]
}

/** A drill that finds none of these proves nothing; without a bug each of the drills is valid. */
export const showings: Readonly<Record<PlantedBug, Showing>> = {
  'no-fence': {
    drill: 'split-brain',
    // Under `available` a zone that is cut off may go on: there is nothing then that the fence should have refused.
    policy: 'strict',
    claim: 'one-owner-at-a-time',
    places: ['src/sdk/dal/zone-database.ts'],
  },
  'loop-filter-off': {
    drill: 'partition',
    policy: 'available',
    claim: 'nothing-applied-twice',
    places: ['src/drc/roles/relay-role.ts'],
  },
  'lost-apply': {
    drill: 'partition',
    policy: 'available',
    claim: 'stores-converged',
    places: ['src/drc/planted-bugs.ts'],
  },
  'overlapping-ids': {
    drill: 'partition',
    policy: 'available',
    claim: 'unique-ids',
    places: ['src/delivery/service.ts'],
  },
  'reversed-winner': {
    drill: 'partition',
    policy: 'available',
    claim: 'last-writer-respected',
    places: ['src/drc/planted-bugs.ts'],
  },
  'skipped-barrier': {
    drill: 'evacuate',
    policy: 'available',
    claim: 'no-acknowledged-order-lost',
    places: ['src/lease-keeper/fence-keeper.ts', 'src/drc/planted-bugs.ts'],
  },
  'double-dispatch': {
    drill: 'partition',
    policy: 'available',
    claim: 'one-rider-per-order',
    places: ['src/delivery/background.ts'],
  },
  'lying-lag': {
    drill: 'partition',
    policy: 'available',
    claim: 'lag-honest',
    places: ['src/drc/drc.ts'],
  },
  'tombstone-off': {
    drill: 'tools/planted-bugs/deletes-apart.yaml',
    policy: 'available',
    claim: 'last-writer-respected',
    places: ['src/drc/planted-bugs.ts'],
  },
  'stale-router': {
    drill: 'evacuate',
    policy: 'available',
    claim: 'epochs-in-time',
    places: ['src/router/router.ts'],
  },
}

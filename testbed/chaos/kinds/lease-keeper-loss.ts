import type { FaultKind } from '../kind.ts'
import { instancesAt } from '../targets.ts'

export const leaseKeeperLoss: FaultKind = {
  name: 'lease-keeper-loss',
  summary: 'Take the keepers of zone leases away, everywhere or in one place.',
  really:
    'kill -9 of every lease keeper there: nobody extends the leases of its zones any more, and what happens when they end ' +
    'is up to the policy of the testbed. They are started again when the lease of the fault ends.',
  target: 'all or ZONE',
  settings: [],
  plan: ({ target }, blueprint) => ({
    plan: {
      links: [],
      specs: instancesAt('lease-keeper', target, blueprint).map(({ id }) => ({ spec: id, how: 'kill', offsetMs: 0 })),
    },
    direction: null,
  }),
}

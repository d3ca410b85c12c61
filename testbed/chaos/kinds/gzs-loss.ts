import type { FaultKind } from '../kind.ts'
import { instancesAt } from '../targets.ts'

export const gzsLoss: FaultKind = {
  name: 'gzs-loss',
  summary: 'Take the Global Zone Service away, everywhere or in one place.',
  really:
    'kill -9 of every GZS there; the ensemble that holds the table stays. Who follows the table goes on with the last one ' +
    'it has. They are started again when the lease ends.',
  target: 'all or ZONE',
  settings: [],
  plan: ({ target }, blueprint) => ({
    plan: {
      links: [],
      specs: instancesAt('gzs', target, blueprint).map(({ id }) => ({ spec: id, how: 'kill', offsetMs: 0 })),
    },
    direction: null,
  }),
}

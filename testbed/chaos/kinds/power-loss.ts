import type { FaultKind } from '../kind.ts'
import { specsIn } from '../targets.ts'

export const powerLoss: FaultKind = {
  name: 'power-loss',
  summary: 'End everything in a zone at once with kill -9.',
  really:
    'One SIGKILL to every server and service of the zone within milliseconds. It is not quite a loss of power: what was ' +
    'written to the operating system survives, since disk caches are not lost. Its links stay, and refuse. When the lease ' +
    'ends the zone is started again on the same data.',
  target: 'ZONE',
  settings: [],
  plan: ({ target }, blueprint) => ({
    plan: { links: [], specs: specsIn(target, blueprint).map(({ id }) => ({ spec: id, how: 'kill', offsetMs: 0 })) },
    direction: null,
  }),
}

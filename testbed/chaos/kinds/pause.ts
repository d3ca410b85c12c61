import type { FaultKind } from '../kind.ts'
import { specsAt } from '../targets.ts'

export const pause: FaultKind = {
  name: 'pause',
  summary: 'Stop a server or service where it stands.',
  really:
    'SIGSTOP: the process stays, its port still accepts connections (the kernel does), and nobody answers. When the lease ' +
    'ends it goes on from where it stopped, with all it believed then: the hardest test of leases and fences.',
  target: 'ZONE/NAME',
  settings: [],
  plan: ({ target }, blueprint) => ({
    plan: { links: [], specs: specsAt(target, blueprint).map(({ id }) => ({ spec: id, how: 'pause', offsetMs: 0 })) },
    direction: null,
  }),
}

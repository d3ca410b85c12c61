import type { FaultKind } from '../kind.ts'
import { specsAt } from '../targets.ts'

export const kill: FaultKind = {
  name: 'kill',
  summary: 'End a server or service with kill -9.',
  really:
    'SIGKILL, to all instances at once where there are several; it stays down until the lease ends, then it is started ' +
    'again on the same data. What it had written to the operating system survives: disk caches are not lost.',
  target: 'ZONE/NAME',
  settings: [],
  plan: ({ target }, blueprint) => ({
    plan: { links: [], specs: specsAt(target, blueprint).map(({ id }) => ({ spec: id, how: 'kill', offsetMs: 0 })) },
    direction: null,
  }),
}

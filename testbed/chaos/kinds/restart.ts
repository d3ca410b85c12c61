import type { FaultKind } from '../kind.ts'
import { specsAt } from '../targets.ts'

export const restart: FaultKind = {
  name: 'restart',
  summary: 'Kill a server or service and start it again at once.',
  really:
    'SIGKILL and a new start on the same data; the command returns when it serves again. Its lease only matters if the ' +
    'agent dies in between: the next agent starts it.',
  target: 'ZONE/NAME',
  settings: [],
  plan: ({ target }, blueprint) => ({
    plan: { links: [], specs: specsAt(target, blueprint).map(({ id }) => ({ spec: id, how: 'restart', offsetMs: 0 })) },
    direction: null,
  }),
}

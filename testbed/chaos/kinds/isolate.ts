import type { FaultKind } from '../kind.ts'
import { changesOf, linksAround } from '../targets.ts'

export const isolate: FaultKind = {
  name: 'isolate',
  summary: 'Cut a zone off from all others and from the edge.',
  really:
    'A drop of every link that leaves the zone, all at once. Everything within it goes on, and so does what enters it from ' +
    'your own machine: clients that stand in the zone still reach it.',
  target: 'ZONE',
  settings: [],
  plan({ target }, blueprint) {
    const { changes } = changesOf(linksAround(target, blueprint), undefined, { type: 'drop' }, blueprint)
    return { plan: { links: changes, specs: [] }, direction: null }
  },
}

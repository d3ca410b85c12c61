import type { FaultKind } from '../kind.ts'
import { changesOf, linksAt } from '../targets.ts'

export const flapping: FaultKind = {
  name: 'flapping',
  summary: 'Cut a link and join it, again and again.',
  really:
    'The agent drops for --down (default 2 s) and lets through for --up (default 3 s) by turns. Each time it comes up all ' +
    'connections of the link are closed. If the agent dies the link stays as it is until an agent takes the fault up again.',
  target: 'A-B: a link, or two zones',
  settings: ['downMs', 'upMs', 'direction'],
  plan({ target, direction: text, downMs = 2_000, upMs = 3_000 }, blueprint) {
    const how = { type: 'flap', downMs, upMs } as const
    const { changes, direction } = changesOf(linksAt(target, blueprint), text, how, blueprint)
    return { plan: { links: changes, specs: [] }, direction }
  },
}

import { EzoneError } from '@ezone/sdk/errors'
import type { FaultKind } from '../kind.ts'
import { changesOf, linksAt } from '../targets.ts'

export const bandwidth: FaultKind = {
  name: 'bandwidth',
  summary: 'Make a link narrow.',
  really:
    'Each connection gets --rate KB/s each way for itself; the link as a whole has no limit, so many connections carry ' +
    'more. What does not fit waits in the proxy and is not lost. It is measured by what Redis ' +
    'echoes; above 512 KB a second, and where no Redis is reached, it is read back from the proxies.',
  target: 'A-B: a link, or two zones',
  settings: ['kbPerSecond', 'direction'],
  plan({ target, direction: text, kbPerSecond }, blueprint) {
    if (kbPerSecond === undefined) throw new EzoneError('EZ_USAGE', 'bandwidth wants --rate KB')
    const how = { type: 'bandwidth', kbPerSecond } as const
    const { changes, direction } = changesOf(linksAt(target, blueprint), text, how, blueprint)
    return { plan: { links: changes, specs: [] }, direction }
  },
}
